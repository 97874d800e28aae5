import type { Pod } from 'kubernetes-types/core/v1.js';
import { isSidecar } from './requests.ts';

interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

/** The node's ports that the Pod takes for itself. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const containers = [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers ?? []).filter(isSidecar),
  ];
  return containers
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort, hostIP, protocol = 'TCP' }) =>
      hostPort ? [{ protocol, ip: hostIP || EVERY_ADDRESS, port: hostPort }] : [],
    );
}

const EVERY_ADDRESS = '0.0.0.0';

export function isConflicting(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === EVERY_ADDRESS || b.ip === EVERY_ADDRESS;
}
