import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Api, IssueToken } from '../../api.ts';
import type { NodeNetwork } from '../../network/index.ts';
import type { RecordPodEvent } from '../events.ts';
import type { ProbeFacts } from '../../faults/fault.ts';
import type { ImageBook } from '../image-book.ts';
import type { Runtime, Sandbox } from '../runtime/runtime.ts';
import type { MemoryCgroups } from '../runtime/memory-cgroups.ts';
import type { ContainerRun } from './container-run.ts';
import type { Allocatable } from './resource-field.ts';
import type { PodVolumes } from './volumes/pod-volumes.ts';

/** What all Pods of this node have in common. */
export interface NodeContext {
  readonly api: Api;
  readonly nodeName: string;
  readonly network: NodeNetwork;
  readonly runtime: Runtime;
  readonly recordEvent: RecordPodEvent;
  readonly images: ImageBook;
  /** Whether a probe is to fail whatever the container says. */
  readonly failsProbe: (facts: ProbeFacts) => boolean;
  /** Holds one directory for each Pod, named by its uid. */
  readonly directory: string;
  /** PATH of the containers. */
  readonly path: string;
  /** Variables by which a reaper knows what we started. */
  readonly marker: Readonly<Record<string, string>>;
  /** What the node can give, as its object says. */
  readonly allocatable: () => Allocatable;
  /** Tokens of service accounts; absent where the API server issues none. */
  readonly issueToken?: IssueToken | undefined;
  /** Where the cluster's DNS answers. */
  readonly clusterDns: string;
  /** Absent where this process may make none. */
  readonly cgroups?: MemoryCgroups | undefined;
  readonly onError: (error: unknown) => void;
}

/** Says what this level cannot do, in one sentence, once a Pod and feature. */
export type SayLimit = (feature: string, sentence: string) => void;

/** What a container's lifecycle needs of its Pod. */
export interface PodContext {
  readonly node: NodeContext;
  readonly directory: string;
  readonly sandbox: Sandbox;
  /** Gives the sandbox and its address back. */
  readonly close: () => Promise<void>;
  readonly podIp: string;
  readonly volumes: PodVolumes;
  readonly pod: () => Pod;
  /** All containers of the Pod, for one that joins another. */
  readonly runs: readonly ContainerRun[];
  readonly sayLimit: SayLimit;
  /** Something in the status has changed: write it. */
  readonly publish: () => void;
  /** Something is to be decided anew. */
  readonly wake: () => void;
}
