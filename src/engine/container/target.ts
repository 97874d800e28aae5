import type { Kube } from '../../kube/index.ts';

/** The container that is worked on, and the way to it. */
export interface Target {
  readonly kube: Kube;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A process found through /proc inside the container; `pid` is the container's own numbering. */
export interface TargetProcess {
  readonly pid: number;
  readonly uid: number;
  /** argv joined by spaces, shortened for people. */
  readonly command: string;
}
