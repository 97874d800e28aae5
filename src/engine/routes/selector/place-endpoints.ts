import { isDeepStrictEqual } from 'node:util';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { allocatesZones, portsKey, type EndpointGroup } from './desired-endpoints.ts';
import { isControllers, isOwn, ownSlice } from './managed-slices.ts';

export interface SlicePatch {
  readonly slice: EndpointSlice;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly EndpointPort[];
}

/** What makes a Service's slices list what is desired: to be sent in this order, so that no endpoint is missing meanwhile. */
export interface SliceWrites {
  readonly creates: readonly EndpointSlice[];
  readonly patches: readonly SlicePatch[];
  readonly deletes: readonly EndpointSlice[];
}

/** The controllers' default for `--max-endpoints-per-slice`. */
const usualCapacity = 100;

interface Draft {
  readonly slice: EndpointSlice;
  ports: readonly EndpointPort[];
  endpoints: Endpoint[];
}

/**
 * Places the desired endpoints as the EndpointSlice controller does: each stays in the slice that
 * lists it, new ones fill what has room, a slice of ports that nobody has any more gets others, and
 * only what is left over then goes into slices of our own. Slices of other managers are not touched.
 */
export function placeEndpoints(
  service: Service,
  groups: readonly EndpointGroup[],
  slices: readonly EndpointSlice[],
): SliceWrites {
  const drafts: Draft[] = slices
    .filter((slice) => isControllers(slice) || isOwn(slice))
    // The controller's first: what fits there needs no slice of ours.
    .toSorted((a, b) => Number(isOwn(a)) - Number(isOwn(b)) || nameOf(a).localeCompare(nameOf(b)))
    .map((slice) => ({ slice, ports: slice.ports ?? [], endpoints: [] }));
  const capacity = Math.max(
    usualCapacity,
    ...drafts.map(({ slice }) => (slice.endpoints ?? []).length),
  );
  const taken = new Set(slices.map(nameOf));
  const creates: EndpointSlice[] = [];
  const homeless: { group: EndpointGroup; rest: Endpoint[] }[] = [];
  const keepHints = allocatesZones(service);

  for (const group of groups) {
    const homes = drafts.filter((draft) => isHome(draft, group));
    const rest = keepInPlace(group, homes, keepHints);
    for (const home of homes)
      home.endpoints.push(...rest.splice(0, capacity - home.endpoints.length));
    if (rest.length > 0) homeless.push({ group, rest });
  }
  // The largest first: what then goes into slices of ours is the least.
  homeless.sort((a, b) => b.rest.length - a.rest.length);
  for (const { group, rest } of homeless) {
    while (rest.length > 0) {
      const endpoints = rest.splice(0, capacity);
      const free = drafts.find(
        ({ slice, ports, endpoints: listed }) =>
          listed.length === 0 &&
          slice.addressType === group.addressType &&
          !groups.some((other) => isHome({ slice, ports }, other)),
      );
      if (free) {
        free.ports = group.ports;
        free.endpoints = endpoints;
        continue;
      }
      const { addressType, ports } = group;
      const created = ownSlice(service, { addressType, ports: [...ports], endpoints }, taken);
      taken.add(nameOf(created));
      creates.push(created);
    }
  }
  return { creates, ...changes(drafts) };
}

function isHome({ slice, ports }: Pick<Draft, 'slice' | 'ports'>, group: EndpointGroup): boolean {
  return slice.addressType === group.addressType && portsKey(ports) === portsKey(group.ports);
}

/** Leaves each endpoint where it is listed; returns those that are listed nowhere. */
function keepInPlace(
  group: EndpointGroup,
  homes: readonly Draft[],
  keepHints: boolean,
): Endpoint[] {
  const wanted = new Map(group.endpoints.map((endpoint) => [keyOf(endpoint), endpoint]));
  for (const home of homes) {
    for (const listed of home.slice.endpoints ?? []) {
      const endpoint = wanted.get(keyOf(listed));
      if (!endpoint) continue;
      wanted.delete(keyOf(listed));
      const { hints } = listed;
      home.endpoints.push(
        keepHints && hints && endpoint.conditions?.ready ? { ...endpoint, hints } : endpoint,
      );
    }
  }
  return [...wanted.values()];
}

function changes(drafts: readonly Draft[]): Pick<SliceWrites, 'patches' | 'deletes'> {
  const patches: SlicePatch[] = [];
  const deletes: EndpointSlice[] = [];
  for (const { slice, ports, endpoints } of drafts) {
    if (isOwn(slice) && endpoints.length === 0) deletes.push(slice);
    else if (
      portsKey(slice.ports) !== portsKey(ports) ||
      !isDeepStrictEqual((slice.endpoints ?? []).map(comparable), endpoints.map(comparable))
    ) {
      patches.push({ slice, endpoints, ports });
    }
  }
  return { patches, deletes };
}

/** Addresses and Pod: equal for endpoints of which all else may change. */
function keyOf({ addresses, targetRef }: Endpoint): string {
  return `${addresses.toSorted().join()} ${targetRef?.uid ?? targetRef?.name ?? ''}`;
}

function comparable({
  addresses,
  conditions,
  hostname,
  nodeName,
  zone,
  targetRef,
  hints,
}: Endpoint) {
  const { ready, serving, terminating } = conditions ?? {};
  return {
    addresses,
    conditions: [ready, serving, terminating],
    place: [hostname, nodeName, zone],
    pod: [targetRef?.kind, targetRef?.namespace, targetRef?.name, targetRef?.uid],
    hints: hints ?? null,
  };
}

function nameOf({ metadata }: EndpointSlice): string {
  return metadata?.name ?? '';
}
