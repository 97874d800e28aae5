import { BlockList, isIP } from 'node:net';

import { type FieldError, invalidValue } from '../field-error.ts';

const ranges = [
  { text: 'loopback range (127.0.0.0/8, ::1/128)', list: block(['127.0.0.0', 8], ['::1', 128]) },
  {
    text: 'link-local range (169.254.0.0/16, fe80::/10)',
    list: block(['169.254.0.0', 16], ['fe80::', 10]),
  },
  {
    text: 'link-local multicast range (224.0.0.0/24, ff02::/10)',
    list: block(['224.0.0.0', 24], ['ff02::', 16]),
  },
];

/** Addresses to which a Service may not send: unspecified, loopback, link-local. */
export function validateEndpointAddress(
  ip: string,
  field: string,
  { allowLoopback }: { readonly allowLoopback: boolean },
): FieldError[] {
  const family = isIP(ip);
  if (family === 0) return [invalidValue(field, ip, 'must be a valid IP address')];
  const errors: FieldError[] = [];
  if (ip === '0.0.0.0' || ip === '::') {
    errors.push(invalidValue(field, ip, `may not be unspecified (${ip})`));
  }
  for (const [index, { text, list }] of ranges.entries()) {
    const isAllowed = index === 0 && allowLoopback;
    if (!isAllowed && list.check(ip, family === 6 ? 'ipv6' : 'ipv4')) {
      errors.push(invalidValue(field, ip, `may not be in the ${text}`));
    }
  }
  return errors;
}

/** Any IP address, written as it should be. */
export function validateIp(ip: string, field: string): FieldError[] {
  return isIP(ip) === 0
    ? [invalidValue(field, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
    : [];
}

function block(ipv4: readonly [string, number], ipv6: readonly [string, number]): BlockList {
  const list = new BlockList();
  list.addSubnet(...ipv4, 'ipv4');
  list.addSubnet(...ipv6, 'ipv6');
  return list;
}
