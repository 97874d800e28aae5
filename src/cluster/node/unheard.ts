/** What the log says when a connection broke and nobody listened: a bug of ours, by which no test may pass. */
export const UNHEARD = 'a connection broke unheard';

/**
 * Whether an uncaught error says only that somebody at the other end has gone. A client, a Pod or a
 * helper may do so at any moment, and it ends that one connection; in Go, whose servers these are
 * modelled on, an error that nobody looks at ends nothing at all. After anything else that is
 * uncaught, the state of the cluster cannot be trusted any more.
 */
export function isBrokenConnection(error: Error, origin: NodeJS.UncaughtExceptionOrigin): boolean {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  return origin === 'uncaughtException' && CODES.has(code) && SYSTEM_CALLS.has(syscall);
}

// No file fails like this, so that a broken disk is none of them.
const CODES = new Set(['EPIPE', 'ECONNRESET', 'ENOTCONN']);
const SYSTEM_CALLS = new Set(['read', 'write', 'shutdown']);
