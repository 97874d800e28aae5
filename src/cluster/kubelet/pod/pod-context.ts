import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Api } from '../../api.ts';
import type { NodeNetwork } from '../../network/index.ts';
import type { RecordPodEvent } from '../events.ts';
import type { ImageCatalogue } from '../images.ts';
import type { Runtime, Sandbox } from '../runtime/runtime.ts';

/** What all Pods of this node have in common. */
export interface NodeContext {
  readonly api: Api;
  readonly network: NodeNetwork;
  readonly runtime: Runtime;
  readonly recordEvent: RecordPodEvent;
  readonly catalogue: ImageCatalogue;
  /** Holds one directory for each Pod, named by its uid. */
  readonly directory: string;
  /** PATH of the containers. */
  readonly path: string;
  /** Variables by which a reaper knows what we started. */
  readonly marker: Readonly<Record<string, string>>;
  readonly onError: (error: unknown) => void;
}

/** What a container's lifecycle needs of its Pod. */
export interface PodContext {
  readonly node: NodeContext;
  readonly directory: string;
  readonly sandbox: Sandbox;
  readonly podIp: string;
  readonly pod: () => Pod;
  /** Something in the status has changed: write it. */
  readonly publish: () => void;
  /** Something is to be decided anew. */
  readonly wake: () => void;
}
