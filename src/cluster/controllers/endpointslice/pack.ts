import type { Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { IpFamily } from '../service-pods.ts';
import type { Listing } from './endpoint.ts';
import { hasSliceLabels, newSlice, withEndpoints } from './slice.ts';
import { Wanted } from './wanted.ts';

const MAX_ENDPOINTS_PER_SLICE = 100;

export interface PackOptions {
  readonly service: Service;
  readonly addressType: IpFamily;
}

export interface Packed {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

/** A slice while it is being filled. */
interface Filling {
  readonly slice: EndpointSlice | undefined;
  readonly endpoints: Endpoint[];
  isChanged: boolean;
}

/**
 * A28: endpoints stay where they are; what is new goes into slices that are written anyway, then into
 * one that has just enough room, then into new ones. Nothing is moved to make slices fuller. All
 * listings have the same ports, and so have the existing slices.
 */
export function packSlices(
  existing: readonly EndpointSlice[],
  listings: readonly Listing[],
  { service, addressType }: PackOptions,
): Packed {
  const wanted = new Wanted(listings);
  const fillings = existing.map((slice) => keep(slice, wanted, service));
  const waiting = wanted.rest();
  const ports = listings[0]?.ports ?? [];

  const written = fillings.filter(({ isChanged, endpoints }) => isChanged && endpoints.length > 0);
  for (const filling of written.sort((a, b) => b.endpoints.length - a.endpoints.length)) {
    fill(filling, waiting);
  }
  const created: Filling[] = [];
  while (waiting.length > 0) {
    const roomy = bestFit(
      fillings.filter(({ isChanged }) => !isChanged),
      waiting.length,
    );
    if (roomy) roomy.isChanged = true;
    const filling = roomy ?? { slice: undefined, endpoints: [], isChanged: true };
    if (!roomy) created.push(filling);
    fill(filling, waiting);
  }

  const changed = fillings.filter(({ isChanged }) => isChanged);
  return {
    create: created.map(({ endpoints }) => newSlice(service, { addressType, ports, endpoints })),
    update: changed.flatMap(({ slice, endpoints }) =>
      slice && endpoints.length > 0 ? [withEndpoints(slice, service, endpoints)] : [],
    ),
    delete: changed.flatMap(({ slice, endpoints }) =>
      slice && endpoints.length === 0 ? [slice] : [],
    ),
  };
}

/** What of the slice is still wanted, brought up to date. */
function keep(slice: EndpointSlice, wanted: Wanted, service: Service): Filling {
  let isChanged = !hasSliceLabels(slice, service);
  const endpoints: Endpoint[] = [];
  for (const stored of slice.endpoints ?? []) {
    const claimed = wanted.claim(stored);
    if (claimed) endpoints.push(claimed.endpoint);
    if (!claimed?.isEqual) isChanged = true;
  }
  return { slice, endpoints, isChanged };
}

function fill({ endpoints }: Filling, waiting: Endpoint[]): void {
  const room = MAX_ENDPOINTS_PER_SLICE - endpoints.length;
  endpoints.push(...waiting.splice(0, Math.max(0, room)));
}

/** The untouched slice that would be fullest with all of the waiting endpoints in it. */
function bestFit(untouched: readonly Filling[], count: number): Filling | undefined {
  const [best] = untouched
    .filter(({ endpoints }) => endpoints.length + count <= MAX_ENDPOINTS_PER_SLICE)
    .sort((a, b) => b.endpoints.length - a.endpoints.length);
  return count < MAX_ENDPOINTS_PER_SLICE ? best : undefined;
}
