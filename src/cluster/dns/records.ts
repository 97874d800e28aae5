import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { DnsRecord } from './message.ts';

/** Seconds a client may keep an answer: as CoreDNS in a new cluster. */
export const TTL = 5;

/** What one Service says in DNS: its records by name, below the cluster's domain and in reverse. */
export function recordsOf(
  service: Service,
  slices: readonly EndpointSlice[],
  domain: string,
): readonly DnsRecord[] {
  const { metadata, spec } = service;
  const name = `${metadata?.name}.${metadata?.namespace}.svc.${domain}`;
  if (spec?.type === 'ExternalName') {
    const target = (spec.externalName ?? '').replace(/\.$/, '').toLowerCase();
    return [{ name, ttl: TTL, data: { type: 'CNAME', target } }];
  }
  if (spec?.clusterIP === 'None') return headless(name, slices);
  const addresses = (spec?.clusterIPs ?? [spec?.clusterIP ?? '']).filter(isIPv4);
  return [
    ...addresses.flatMap((ip) => [address(name, ip), reverse(ip, name)]),
    ...(addresses.length === 0 ? [] : (spec?.ports ?? [])).flatMap((port) =>
      port.name
        ? [
            server({
              service: name,
              port: { name: port.name, protocol: port.protocol, number: port.port },
              target: name,
            }),
          ]
        : [],
    ),
  ];
}

/** Without a ClusterIP a Service's name means its Pods: each by its hostname, or else its address. */
function headless(name: string, slices: readonly EndpointSlice[]): readonly DnsRecord[] {
  const records = new Map<string, DnsRecord>();
  const put = (record: DnsRecord) =>
    records.set(`${record.name} ${JSON.stringify(record.data)}`, record);
  for (const { addressType, endpoints, ports } of slices) {
    if (addressType !== 'IPv4') continue;
    for (const { addresses, conditions, hostname } of endpoints ?? []) {
      if (conditions?.ready === false) continue;
      for (const ip of addresses) {
        const target = `${hostname ?? ip.replaceAll('.', '-')}.${name}`;
        put(address(name, ip));
        put(address(target, ip));
        // A Pod's address leads back to one name only if the Pod has one.
        if (hostname !== undefined) put(reverse(ip, target));
        for (const port of ports ?? []) {
          if (!port.name || !port.port) continue;
          const { name: portName, protocol } = port;
          put(
            server({
              service: name,
              port: { name: portName, protocol, number: port.port },
              target,
            }),
          );
        }
      }
    }
  }
  return [...records.values()];
}

function address(name: string, ip: string): DnsRecord {
  return { name, ttl: TTL, data: { type: 'A', address: ip } };
}

/** RFC 1035 §3.5 */
function reverse(ip: string, target: string): DnsRecord {
  return { name: reverseName(ip), ttl: TTL, data: { type: 'PTR', target } };
}

function reverseName(ip: string): string {
  return `${ip.split('.').toReversed().join('.')}.in-addr.arpa`;
}

function server(options: {
  readonly service: string;
  readonly port: {
    readonly name: string;
    readonly protocol?: string | undefined;
    readonly number: number;
  };
  readonly target: string;
}): DnsRecord {
  const { service, port, target } = options;
  return {
    name: `_${port.name}._${(port.protocol ?? 'TCP').toLowerCase()}.${service}`,
    ttl: TTL,
    data: { type: 'SRV', priority: 0, weight: 100, port: port.number, target },
  };
}

function isIPv4(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(text);
}
