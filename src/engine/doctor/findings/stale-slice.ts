import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { matchesMap } from '../../plan/labels.ts';
import { costOf } from '../cost.ts';
import type { Finding } from '../finding.ts';
import {
  addressOf,
  addressesOf,
  fateOf,
  hasSelector,
  isMadeBySelector,
  isReady,
  nameOf,
  slicesOf,
} from '../listed.ts';
import type { NamespaceWorld } from '../world.ts';

/** Far longer than a controller takes, far shorter than anybody's patience. */
const settledAfterMs = 10_000;

/** With a selector the slices follow the Pods within a second; where they do not, nobody is at work. */
export function findStaleSlices(world: NamespaceWorld, nowMs: number): readonly Finding[] {
  return world.services
    .filter((service) => hasSelector(service) && service.spec?.type !== 'ExternalName')
    .flatMap((service) => {
      const slices = slicesOf(world, service);
      const own = slices.filter(isMadeBySelector);
      const dead = own.flatMap((slice) =>
        (slice.endpoints ?? [])
          .filter((entry) => ['fails', 'astray'].includes(fateOf(slice, entry, world.pods)))
          .map(
            (entry) =>
              `${nameOf(slice)} lists ${addressOf(entry)}, but pod/${entry.targetRef?.name} is gone`,
          ),
      );
      const listed = new Set(
        own.flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses)),
      );
      const missing = world.pods
        .filter((pod) => isDue(pod, service, nowMs) && !isListed(pod, listed))
        .map((pod) => `pod/${nameOf(pod)} matches the selector and is Ready, but is not listed`);
      if (dead.length + missing.length === 0) return [];
      return [
        {
          name: 'stale-slice' as const,
          severity: 'error' as const,
          namespace: world.namespace,
          object: `service/${nameOf(service)}`,
          message: 'its EndpointSlices do not follow its Pods, although it has a selector',
          details: [...dead, ...missing],
          cost: costOf(service, slices, world.pods),
          hint: 'is kube-controller-manager running? kubectl get lease kube-controller-manager -n kube-system',
          passing: true,
        },
      ];
    });
}

function isDue(pod: Pod, { spec }: Service, nowMs: number): boolean {
  const since = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  return (
    isReady(pod) &&
    matchesMap(spec?.selector, pod.metadata?.labels ?? {}) &&
    hasFamily(pod, spec?.ipFamilies) &&
    nowMs - Date.parse(String(since)) > settledAfterMs
  );
}

/** A Pod without an address of the Service's families is in none of its slices. */
function hasFamily(pod: Pod, families: readonly string[] | undefined): boolean {
  if (!families || families.length === 0) return true;
  return [...addressesOf(pod)].some((address) =>
    families.includes(address?.includes(':') ? 'IPv6' : 'IPv4'),
  );
}

function isListed(pod: Pod, listed: ReadonlySet<string>): boolean {
  return [...addressesOf(pod)].some((address) => address !== undefined && listed.has(address));
}
