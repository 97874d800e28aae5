import type { ContainerPort, Pod, Service, ServicePort } from 'kubernetes-types/core/v1.js';

/** What a Service lists, as both endpoints controllers see it. */
export interface Desired {
  readonly service: Service;
  readonly selector: Readonly<Record<string, string>>;
  readonly pods: readonly Pod[];
  /** uids of the Pods that sessions hold out. */
  readonly out: ReadonlySet<string>;
  /** Zone by node name; a node that is known to have none, or is not known, is absent. */
  readonly zones: ReadonlyMap<string, string>;
}

export type Family = 'IPv4' | 'IPv6';

/** ShouldPodBeInEndpoints, and not held out: readiness is no part of it. */
export function isListed(
  pod: Pod,
  { selector, out }: Pick<Desired, 'selector' | 'out'>,
  { includeTerminating }: { readonly includeTerminating: boolean },
): boolean {
  const { metadata, status } = pod;
  if (out.has(metadata?.uid ?? '')) return false;
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
  if (addressesOf(pod).length === 0) return false;
  if (!includeTerminating && metadata?.deletionTimestamp) return false;
  return Object.entries(selector).every(([key, value]) => metadata?.labels?.[key] === value);
}

export function addressesOf({ status }: Pod, family?: Family): readonly string[] {
  const listed = (status?.podIPs ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
  const all = listed.length > 0 ? listed : status?.podIP ? [status.podIP] : [];
  return family ? all.filter((ip) => familyOf(ip) === family) : all;
}

/** The families a Service is listed in, its first one first. */
export function familiesOf({ spec }: Service): readonly Family[] {
  const families = (spec?.ipFamilies ?? []).filter(isFamily);
  if (families.length > 0) return families;
  return [spec?.clusterIP && spec.clusterIP !== 'None' ? familyOf(spec.clusterIP) : 'IPv4'];
}

function isFamily(family: string): family is Family {
  return family === 'IPv4' || family === 'IPv6';
}

function familyOf(ip: string): Family {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

/** A Pod has a name of its own in a Service only when it names that Service as its subdomain. */
export function hostnameOf({ metadata }: Service, { spec }: Pod): string | undefined {
  return spec?.hostname && spec.subdomain === metadata?.name ? spec.hostname : undefined;
}

/**
 * The number behind a Service's port in this Pod: a name is looked up in its containers, then in its
 * sidecars, by name and protocol; undefined when the Pod has no such port.
 */
export function targetPortOf(
  { spec }: Pod,
  { port, targetPort, protocol = 'TCP' }: ServicePort,
): number | undefined {
  if (targetPort === undefined || targetPort === 0 || targetPort === '') return port;
  if (typeof targetPort === 'number') return targetPort;
  const sidecars = ((spec?.initContainers ?? []) as readonly Sidecar[]).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  );
  return [...(spec?.containers ?? []), ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .find(({ name, protocol: own = 'TCP' }) => name === targetPort && own === protocol)
    ?.containerPort;
}

/** `restartPolicy` of an init container is newer than the types. */
interface Sidecar {
  readonly restartPolicy?: string;
  readonly ports?: ContainerPort[];
}

export function isHeadless({ spec }: Service): boolean {
  return spec?.clusterIP === 'None';
}
