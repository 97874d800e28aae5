import { isIPv6 } from 'node:net';
import type { Pod } from 'kubernetes-types/core/v1.js';

/** The Pod's addresses, one of each family at most, in their normal form. */
export function addressesOf({ status }: Pod): ReadonlySet<string> {
  const ips = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)];
  return new Set(ips.flatMap((ip) => (ip ? [normalAddress(ip)] : [])));
}

/** An IPv6 address may be written in several ways (RFC 5952 §2); by hand it often is. */
export function normalAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
