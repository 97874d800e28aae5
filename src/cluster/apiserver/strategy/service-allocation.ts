import { randomInt } from 'node:crypto';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { FieldError } from '../../machinery/index.ts';
import type { Store } from '../../store/index.ts';

/** 10.96.0.0/12, kubeadm's default; the first addresses stay free for well-known Services. */
const SERVICE_NETWORK = (10 << 24) | (96 << 16);
const SERVICE_NETWORK_BITS = 12;
const NODE_PORTS = { first: 30_000, last: 32_767 };

interface Owner {
  readonly namespace: string;
  readonly name: string;
}

/** A free address of the Service network. The Services themselves are the record: nothing can leak. */
export function allocateClusterIP(store: Store): string {
  const taken = new Set(services(store).flatMap(({ spec }) => spec?.clusterIPs ?? []));
  for (;;) {
    const ip = toText(SERVICE_NETWORK + randomInt(256, 2 ** (32 - SERVICE_NETWORK_BITS) - 1));
    if (!taken.has(ip)) return ip;
  }
}

/** A random free node port, so that a port just given back is hardly ever somebody else's next. */
export function allocateNodePort(store: Store, alsoTaken: ReadonlySet<number>): number {
  const taken = new Set(services(store).flatMap(nodePortsOf));
  const free: number[] = [];
  for (let port = NODE_PORTS.first; port <= NODE_PORTS.last; port++) {
    if (!taken.has(port) && !alsoTaken.has(port)) free.push(port);
  }
  return free[randomInt(free.length)]!;
}

/** Why this Service cannot have the address it asks for. */
export function refuseClusterIP(store: Store, ip: string, owner: Owner): FieldError[] {
  const refuse = (why: string): FieldError[] => [
    {
      type: 'FieldValueInvalid',
      field: 'spec.clusterIPs',
      message: `Invalid value: ${JSON.stringify([ip])}: failed to allocate IP ${ip}: ${why}`,
    },
  ];
  if (!isInServiceNetwork(ip)) {
    return refuse(
      `the provided network does not match the current range. The range of valid IPs is ${toText(SERVICE_NETWORK)}/${SERVICE_NETWORK_BITS}`,
    );
  }
  return others(store, owner).some(({ spec }) => spec?.clusterIPs?.includes(ip))
    ? refuse('provided IP is already allocated')
    : [];
}

/** Why this Service cannot have the node port it asks for. */
export function refuseNodePort(
  store: Store,
  port: number,
  field: string,
  owner: Owner,
): FieldError[] {
  const refuse = (why: string): FieldError[] => [
    { type: 'FieldValueInvalid', field, message: `Invalid value: ${port}: ${why}` },
  ];
  if (port < NODE_PORTS.first || port > NODE_PORTS.last) {
    return refuse(
      `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.first}-${NODE_PORTS.last}`,
    );
  }
  return others(store, owner).some((service) => nodePortsOf(service).includes(port))
    ? refuse('provided port is already allocated')
    : [];
}

function services(store: Store): Service[] {
  return store
    .collection('services')
    .entries()
    .map(({ object }) => object as Service);
}

function others(store: Store, owner: Owner): Service[] {
  return services(store).filter(
    ({ metadata }) => metadata?.name !== owner.name || metadata.namespace !== owner.namespace,
  );
}

function nodePortsOf({ spec }: Service): number[] {
  const ports = (spec?.ports ?? []).map(({ nodePort = 0 }) => nodePort);
  return [...ports, spec?.healthCheckNodePort ?? 0].filter((port) => port > 0);
}

function isInServiceNetwork(ip: string): boolean {
  const octets = ip.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) return false;
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return (
    address >>> (32 - SERVICE_NETWORK_BITS) === SERVICE_NETWORK >>> (32 - SERVICE_NETWORK_BITS)
  );
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
