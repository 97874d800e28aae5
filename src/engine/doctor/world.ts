import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { ResourceName, ServerVersion } from '../../kube/index.ts';
import type { Rights } from './read-rights.ts';

/** All that the doctor judges from, read at about one moment. */
export interface World {
  readonly environment: Environment;
  /** By the server's clock, in milliseconds since 1970. */
  readonly nowMs: number;
  readonly namespaces: readonly NamespaceWorld[];
  /** Kinds that could not be listed, and the server's words. */
  readonly notListed: readonly { readonly resource: ResourceName; readonly message: string }[];
  /** Only when containers were looked into. */
  readonly files: readonly SessionFiles[];
  /** What could not be looked into although sessions have worked there; only when it was tried. */
  readonly shut: readonly ShutContainer[];
}

export interface NamespaceWorld {
  readonly namespace: string;
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly endpoints: readonly Endpoints[];
  readonly deployments: readonly Deployment[];
  readonly replicaSets: readonly ReplicaSet[];
  readonly statefulSets: readonly StatefulSet[];
  readonly daemonSets: readonly DaemonSet[];
}

/** What only the process that runs pitstop can know. */
export interface LocalEnvironment {
  /** As `process.version` says it. */
  readonly nodeVersion: string;
  /** Paths, where they were found. */
  readonly kubectl?: string | undefined;
  readonly plugin?: string | undefined;
}

export interface Environment extends LocalEnvironment {
  readonly context: string;
  readonly server: string;
  readonly serverVersion: ServerVersion;
  /** Positive: the server's clock is ahead. */
  readonly clockSkewMs: number | undefined;
  /** What is served of the APIs that pitstop uses, by group version; undefined where it is not. */
  readonly apis: Readonly<Record<string, ReadonlySet<string> | undefined>>;
  readonly rights: Rights;
}

/** A session's work directory that was found in a container. */
interface SessionFiles {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** A container without a shell that a session has worked on, and through which ephemeral container. */
export interface ShutContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly helper: string;
}
