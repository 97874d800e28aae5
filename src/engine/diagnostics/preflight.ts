import type { ContainerMemory } from '../container/memory.ts';
import type { Room } from '../container/rooms.ts';

/** Something else that may be run, and what it needs. */
export interface GentlerOption {
  /** As it is typed. */
  readonly flag: string;
  readonly what: string;
  readonly pauseMs: number;
  readonly sizeBytes: number;
  /** On top of what is used now; absent = next to none. */
  readonly memoryBytes?: number;
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
