import { isIP } from 'node:net';

/** As Go's net.JoinHostPort: an IPv6 address in brackets, anything else as it is. */
export function joinHostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Where a connection to `host` comes from: the node's own address if that is of the host's family, since
 * the kernel refuses the other one. A name is looked up in the family that the node's address is of.
 */
export function connectFrom(
  localAddress: string,
  host: string,
): { readonly localAddress?: string; readonly family?: number } {
  const family = isIP(localAddress);
  const ofHost = isIP(host.replaceAll(/[[\]]/g, ''));
  return ofHost !== 0 && ofHost !== family ? {} : { localAddress, family };
}
