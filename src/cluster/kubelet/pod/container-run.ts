import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import type { LogFile } from '../logs/log-file.ts';
import type { Prober } from '../probes/prober.ts';
import type { MemoryCgroup } from '../runtime/memory-cgroups.ts';
import type { ContainerProcess } from '../runtime/runtime.ts';
import type { BackOff } from './back-off.ts';

export interface Terminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly containerId: string;
}

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | {
      readonly kind: 'running';
      readonly startedAt: number;
      readonly containerId: string;
      readonly process: ContainerProcess;
    }
  | { readonly kind: 'terminated'; readonly was: Terminated };

/** What the worker knows of one container of its Pod; the only mutable record, owned by the worker. */
export interface ContainerRun {
  /** As the Pod's spec has it now. */
  container: Container;
  readonly role: 'init' | 'sidecar' | 'app' | 'ephemeral';
  state: ContainerState;
  /** The end before the current state. */
  last?: Terminated;
  restartCount: number;
  backOff?: BackOff | undefined;
  /** No image, or no configuration yet: when to look again. */
  retryAt?: number | undefined;
  /** Its spec has changed: it is started anew, whatever the restart policy says. */
  changed?: boolean;
  /** The watcher of its memory has ended it. */
  outOfMemory?: boolean;
  cgroup?: MemoryCgroup | undefined;
  /** Whom its processes run as. */
  user?: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
  /** How long the last attempt to find its image was held back. */
  pullDelayMs?: number;
  ready: boolean;
  started: boolean;
  /** An init container that has ended with 0, or a sidecar that has started. */
  initialized: boolean;
  probers: Prober[];
  log?: LogFile | undefined;
  previousLog?: LogFile | undefined;
  /** Resolves when its end has been noted: state, last words, cgroup. */
  following?: Promise<void> | undefined;
  /** Set while the container is being stopped, so that it is stopped once. */
  stopping?: Promise<void> | undefined;
}

/** A container that was never started. */
export function newRun(
  container: Container,
  role: ContainerRun['role'],
  waiting: string,
): ContainerRun {
  return {
    container,
    role,
    state: { kind: 'waiting', reason: waiting },
    restartCount: 0,
    ready: false,
    started: false,
    initialized: false,
    probers: [],
  };
}

/** The containers a Pod declares, in the order they start. */
export function newRuns(pod: Pod): ContainerRun[] {
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const waiting = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  return [
    ...initContainers.map((container) =>
      // KEP-753: an init container that always restarts is a sidecar.
      newRun(container, container.restartPolicy === 'Always' ? 'sidecar' : 'init', waiting),
    ),
    ...containers.map((container) => newRun(container, 'app', waiting)),
    ...ephemeralContainers.map((container) => newRun(container, 'ephemeral', 'ContainerCreating')),
  ];
}
