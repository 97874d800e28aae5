import type { Pod, Service, ServicePort } from 'kubernetes-types/core/v1.js';
import type { Change, Informer } from './informer.ts';
import { SelectorIndex } from './label-index.ts';
import { isBeingDeleted, metaOf } from './object-meta.ts';
import { isPodReady, isPodTerminal } from './pod-status.ts';
import { isSemanticallyEqual } from './semantic-equality.ts';

export type IpFamily = 'IPv4' | 'IPv6';

export function isHeadless({ spec }: Service): boolean {
  return spec?.clusterIP === 'None';
}

/** The rule that both endpoints controllers share (A1): readiness is not part of it. */
export function belongsInEndpoints(
  pod: Pod,
  { includeTerminating }: { readonly includeTerminating: boolean },
): boolean {
  if (isPodTerminal(pod) || addressesOf(pod).length === 0) return false;
  return includeTerminating || !isBeingDeleted(pod);
}

/** All addresses of the Pod, or those of one family. */
export function addressesOf({ status }: Pod, family?: IpFamily): string[] {
  const ips = (status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []);
  const all = ips.length > 0 ? ips : [status?.podIP ?? ''].filter(Boolean);
  return family ? all.filter((ip) => familyOf(ip) === family) : all;
}

export function familyOf(ip: string): IpFamily {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

/** A3: only a Pod that names this Service as its subdomain has a name of its own there. */
export function hostnameIn(service: Service, { metadata, spec }: Pod): string | undefined {
  const isNamed =
    spec?.hostname &&
    spec.subdomain === service.metadata?.name &&
    metadata?.namespace === service.metadata?.namespace;
  return isNamed ? spec.hostname : undefined;
}

/** The number behind a Service's port in this Pod (A7); `undefined` when the Pod has no port of that name. */
export function targetPortOf(
  pod: Pod,
  { port, protocol, targetPort }: ServicePort,
): number | undefined {
  if (typeof targetPort === 'number' && targetPort !== 0) return targetPort;
  if (!targetPort) return port;
  const sidecars = (
    (pod.spec?.initContainers ?? []) as NonNullable<Pod['spec']>['containers'] &
      { restartPolicy?: string }[]
  ).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(pod.spec?.containers ?? []), ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .find(
      ({ name, protocol: own }) => name === targetPort && (own ?? 'TCP') === (protocol ?? 'TCP'),
    )?.containerPort;
}

/** Calls `touch` with each Service whose endpoints a change of a Pod may change. */
export function watchPodsOfServices(
  { pods, services }: { readonly pods: Informer<Pod>; readonly services: Informer<Service> },
  touch: (service: Service, podName: string) => void,
): void {
  // A5: no selector selects nothing, and an empty map is no selector.
  const selectingServices = new SelectorIndex(services, ({ spec }) =>
    hasSelector(spec?.selector) ? { matchLabels: spec?.selector ?? {} } : undefined,
  );
  pods.onChange((change) => {
    if (!mattersToServices(change)) return;
    const touched = new Set<Service>();
    for (const state of [change.object, change.previous]) {
      if (!state) continue;
      const { namespace = '', labels } = metaOf(state);
      for (const service of selectingServices.selecting(namespace, labels)) touched.add(service);
    }
    const { name } = metaOf(change.object);
    for (const service of touched) touch(service, name);
  });
}

export function hasSelector(selector: NonNullable<Service['spec']>['selector']): boolean {
  return selector !== undefined && selector !== null && Object.keys(selector).length > 0;
}

/** A4: what else changes in a Pod is nobody's business here. */
function mattersToServices({ type, object: pod, previous }: Change<Pod>): boolean {
  if (type !== 'MODIFIED' || !previous) return true;
  return (
    isPodReady(pod) !== isPodReady(previous) ||
    isBeingDeleted(pod) !== isBeingDeleted(previous) ||
    isPodTerminal(pod) !== isPodTerminal(previous) ||
    pod.spec?.hostname !== previous.spec?.hostname ||
    pod.spec?.subdomain !== previous.spec?.subdomain ||
    !isSemanticallyEqual(pod.metadata?.labels, previous.metadata?.labels) ||
    !isSemanticallyEqual(addressesOf(pod), addressesOf(previous))
  );
}
