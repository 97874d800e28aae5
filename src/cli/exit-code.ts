import type { Session } from '../engine/index.ts';

/** What the shell sees; documented in `kubectl pitstop --help`. */
export const exitCodes = {
  done: 0,
  /** Failed, and the Pod is back in service. */
  failed: 1,
  /** Usage or environment: nothing was touched. */
  refused: 2,
  /** Failed, and the Pod is still out. */
  podOut: 3,
  /** Interrupted, and the Pod is back. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Takes the exit code of a verb that came to its end. */
export type Finish = (code: ExitCode) => void;

export function exitCodeOf({ status }: Session): ExitCode {
  switch (status.phase) {
    case 'Planned':
    case 'Isolated':
    case 'Succeeded':
      return exitCodes.done;
    case 'Interrupted':
      return status.podOut ? exitCodes.podOut : exitCodes.interrupted;
    case 'Isolating':
    case 'Draining':
    case 'Diagnosing':
    case 'Collecting':
    case 'Restoring':
    case 'Failed':
      return status.podOut ? exitCodes.podOut : exitCodes.failed;
  }
}

/** Of several sessions the one that needs a person most decides. */
export function worstExitCode(sessions: readonly Session[]): ExitCode {
  const codes = new Set(sessions.map(exitCodeOf));
  const { podOut, interrupted, failed, done } = exitCodes;
  return [podOut, interrupted, failed].find((code) => codes.has(code)) ?? done;
}
