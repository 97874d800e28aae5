import { hostOf, type Destination } from './destination.ts';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
  EADDRNOTAVAIL: 'connect: cannot assign requested address',
  EINVAL: 'connect: invalid argument',
};

/** A failed connection, in the words that Go's clients have for it. */
export function dialError(error: unknown, destination: Destination): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code];
  if (reason) {
    const { scheme } = destination;
    const port = destination.port || (scheme === 'https' ? '443' : '80');
    return `dial tcp ${hostOf({ ...destination, port })}: ${reason}`;
  }
  if (message === 'socket hang up') return 'EOF';
  if (code === 'ECONNRESET') return 'read: connection reset by peer';
  return message;
}
