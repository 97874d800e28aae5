import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { AUTHENTICATED, CREDENTIAL_ID, type User } from './user.ts';

// A connection's certificate never changes.
const known = new WeakMap<Socket, User>();

/** Who the connection's client certificate says its owner is; undefined without one, or with one of another authority. */
export function certificateUser(socket: Socket): User | undefined {
  // `authorized` alone is not enough: Node sets it for a resumed TLS 1.3 session that never had a certificate.
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const found = known.get(socket);
  if (found) return found;
  const { subject, raw } = socket.getPeerCertificate();
  // The types promise a subject; without a certificate there is none.
  const name = (subject as typeof subject | undefined)?.CN as
    | string
    | readonly string[]
    | undefined;
  if (!name || typeof name !== 'string') return undefined;
  const user: User = {
    username: name,
    groups: [...organizationsOf(subject), AUTHENTICATED],
    extra: { [CREDENTIAL_ID]: [`X509SHA256=${createHash('sha256').update(raw).digest('hex')}`] },
  };
  known.set(socket, user);
  return user;
}

/** One organization comes as text, several as a list. */
function organizationsOf(subject: object): readonly string[] {
  const { O: organizations } = subject as { readonly O?: string | readonly string[] };
  if (organizations === undefined) return [];
  return typeof organizations === 'string' ? [organizations] : organizations;
}
