/** A directory that the container may write to. */
export interface Room {
  readonly path: string;
  /** tmpfs: what is written there counts as the container's memory. */
  readonly inMemory: boolean;
  /** What may be written there, all limits considered; undefined when `df` does not tell. */
  readonly freeBytes: number | undefined;
  /** What the file system alone has free. */
  readonly diskBytes: number | undefined;
  /** What is left of the limit beyond which the kubelet evicts the Pod, and which limit that is. */
  readonly limit?: { readonly name: string; readonly leftBytes: number };
}

/** The container's memory as its cgroup (else its spec) says; page cache that can be dropped is not used. */
export interface ContainerMemory {
  readonly limitBytes: number;
  readonly usedBytes: number;
}

/** Something else that may be run, and what it needs. */
export interface GentlerOption {
  /** As it is typed. */
  readonly flag: string;
  readonly what: string;
  readonly pauseMs: number;
  readonly sizeBytes: number;
}

/**
 * What a diagnostic may need at worst, found out without touching the process: interlocks compare it
 * with what there is. Bytes and milliseconds; absent = not worth a thought.
 */
export interface Preflight {
  /** How long the process may stand still. */
  readonly pauseMs?: number;
  /** How large the artifact may become. */
  readonly sizeBytes?: number;
  /** What the process and the tool may take of memory on top of what is used now. */
  readonly memoryBytes?: number;
  /** What the figures are worked out from, for people. */
  readonly basis: string;
  readonly rooms: readonly Room[];
  readonly memory?: ContainerMemory;
  /** The nearest first. */
  readonly options: readonly GentlerOption[];
}
