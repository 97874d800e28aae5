import type { Kube } from '../../kube/index.ts';

/**
 * The container that is worked on, and the way to it. Paths of its files are always written as its
 * own processes see them; scripts of ours reach them by `reach`, and run where `execPlace` says.
 */
export interface Target {
  readonly kube: Kube;
  readonly namespace: string;
  readonly pod: string;
  /** The container that is worked on, even where another one is exec'd into. */
  readonly container: string;
  /** The only directory in it that is written to; absent = the roomiest there is. */
  readonly remoteDirectory?: string | undefined;
  /** Absent: the container has a shell of its own. */
  readonly via?: Via | undefined;
}

/** An ephemeral container, with the processes of the one that is worked on before its eyes. */
export interface Via {
  readonly container: string;
  /** Where it sees the other's files: `/proc/57/root`. */
  readonly root: string;
  /** The process behind `root`: the container's first, by the numbers that we see. */
  readonly pid: number;
}

/** A process found through /proc inside the container; `pid` is as the container we exec in counts. */
export interface TargetProcess {
  readonly pid: number;
  readonly uid: number;
  /** argv joined by spaces, shortened for people. */
  readonly command: string;
}

/**
 * The path by which a script or tool that we exec reaches a file of the container. A path that is told
 * to the container's own process (a JVM that writes its dump) stays as it is.
 */
export function reach({ via }: Pick<Target, 'via'>, path: string): string {
  return via && path.startsWith('/') ? `${via.root}${path}` : path;
}

/** Where commands for the container run: in itself, else in the ephemeral container. */
export function execPlace({ namespace, pod, container, via }: Target): {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
} {
  return { namespace, pod, container: via?.container ?? container };
}
