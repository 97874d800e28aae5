import { isIP } from 'node:net';

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY ask for, by Go's rules, as kubectl obeys them:
 * loopback is never proxied.
 */
export function environmentProxy(
  server: URL,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const read = (name: string) => environment[name] || environment[name.toLowerCase()];
  const proxy = read(server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (!proxy || isLoopback(server.hostname) || isExempt(server, read('NO_PROXY') ?? '')) {
    return undefined;
  }
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

function isExempt(server: URL, exemptions: string): boolean {
  return exemptions
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => matches(server, entry));
}

function matches(server: URL, entry: string): boolean {
  if (entry === '*') return true;
  const { hostname, port } = server;
  const [, name = '', wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (wantedPort && wantedPort !== (port || '443')) return false;
  if (name.includes('/')) return isIP(hostname) === 4 && inRange(hostname, name);
  const bare = name.replace(/^\./, '');
  // Go: ".example.com" names the subdomains only, "example.com" the domain and its subdomains.
  return (hostname === name && !name.startsWith('.')) || hostname.endsWith(`.${bare}`);
}

function inRange(address: string, range: string): boolean {
  const [base = '', bits = '32'] = range.split('/');
  if (isIP(base) !== 4) return false;
  const mask = Number(bits) === 0 ? 0 : (~0 << (32 - Number(bits))) >>> 0;
  return (toNumber(address) & mask) >>> 0 === (toNumber(base) & mask) >>> 0;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}
