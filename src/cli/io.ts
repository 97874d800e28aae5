import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal. */
export type Output = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Everything of the process that commands may touch; only main.ts makes one from the real process. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** The result, and nothing else. */
  readonly stdout: Output;
  /** Progress, warnings, errors, hints. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first Ctrl-C, SIGTERM or SIGHUP, or when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** The command that helps if the user leaves at once; undefined while there is nothing to restore. */
  recovery: string | undefined;
}
