import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { recordAnnotation } from '../../annotations.ts';
import type { Finding, Repair } from '../finding.ts';
import { hasSelector, isMadeBySelector, nameOf, slicesOf } from '../listed.ts';
import type { NamespaceWorld } from '../world.ts';

const nudgeAnnotation = 'pitstop.dev/nudge';

/**
 * Endpoints edited under a selector stay as they were edited until the Service or one of its Pods
 * changes, and nothing that routes reads them: whoever edited them believes what is not so.
 */
export function findEditedEndpoints(world: NamespaceWorld): readonly Finding[] {
  return world.services.filter(hasSelector).flatMap((service) => {
    const endpoints = world.endpoints.find((each) => nameOf(each) === nameOf(service));
    if (!endpoints || isTruncated(endpoints)) return [];
    if (endpoints.metadata?.annotations?.[recordAnnotation] !== undefined) return [];
    const own = slicesOf(world, service).filter(isMadeBySelector);
    const { added, dropped } = compare(endpoints, own, service);
    if (added.length + dropped.length === 0) return [];
    return [
      {
        name: 'endpoints-edited' as const,
        severity: 'warning' as const,
        namespace: world.namespace,
        object: `endpoints/${nameOf(endpoints)}`,
        message: `it was edited although service/${nameOf(service)} has a selector: traffic goes by the EndpointSlices, where nothing changed`,
        details: [
          ...dropped.map((ip) => `${ip} was taken out here, and still gets traffic`),
          ...added.map((ip) => `${ip} was put in here, and gets no traffic`),
        ],
        repair: repairOf(service),
        passing: true,
      },
    ];
  });
}

/** More than 1000 addresses do not fit (KEP-752): what is missing was not taken out. */
function isTruncated({ metadata }: Endpoints): boolean {
  return metadata?.annotations?.['endpoints.kubernetes.io/over-capacity'] !== undefined;
}

function compare(
  { subsets = [] }: Endpoints,
  slices: readonly EndpointSlice[],
  { spec }: Service,
): { readonly added: readonly string[]; readonly dropped: readonly string[] } {
  const ready = new Set(subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)));
  const all = new Set([
    ...ready,
    ...subsets.flatMap(({ notReadyAddresses = [] }) => notReadyAddresses.map(({ ip }) => ip)),
  ]);
  // Endpoints hold one address family only (k/k endpoints_controller.go podToEndpointAddressForService).
  const family = spec?.ipFamilies?.[0];
  const known = new Set<string>();
  const dropped: string[] = [];
  for (const { endpoints = [], ports = [], addressType } of slices) {
    for (const { addresses, conditions } of endpoints) {
      for (const address of addresses) {
        known.add(address);
        // A Pod whose named port does not resolve is in a slice without ports, and in no Endpoints.
        const isDue =
          conditions?.ready !== false &&
          conditions?.terminating !== true &&
          (ports.length > 0 || (spec?.ports ?? []).length === 0) &&
          (family === undefined || family === addressType);
        if (isDue && !all.has(address)) dropped.push(address);
      }
    }
  }
  return { added: [...ready].filter((ip) => !known.has(ip)), dropped: [...new Set(dropped)] };
}

/** Any write to the Service makes the controller write the Endpoints anew; this one leaves nothing. */
function repairOf({ metadata }: Service): Repair {
  const { namespace, name = '', uid, resourceVersion } = metadata ?? {};
  const reference = { resource: 'services', namespace, name } as const;
  const nudge = (value: string | null) => ({ annotations: { [nudgeAnnotation]: value } });
  return {
    description: `have the controller write it anew (by an annotation on service/${name}, removed at once)`,
    writes: [
      {
        verb: 'patch',
        reference,
        type: 'merge',
        patch: { metadata: { uid, resourceVersion, ...nudge('endpoints') } },
      },
      { verb: 'patch', reference, type: 'merge', patch: { metadata: { uid, ...nudge(null) } } },
    ],
  };
}
