import type { Endpoints, EndpointSubset, Pod } from 'kubernetes-types/core/v1.js';
import { effectiveSelector, readServiceRecord } from '../../session/service-record.ts';
import { endpointsOf, takesTraffic } from '../../plan/traffic.ts';
import { desiredEndpoints } from './desired-endpoints.ts';
import { desiredSubsets, subsetsKey } from './desired-subsets.ts';
import { isControllers, isMirrored, isOwn, skipMirrorLabel } from './managed-slices.ts';
import type { Picture } from './picture.ts';
import { placeEndpoints, type SliceWrites } from './place-endpoints.ts';

const overCapacity = 'endpoints.kubernetes.io/over-capacity';

export interface NextWrites extends SliceWrites {
  readonly endpoints:
    | {
        readonly object: Endpoints;
        readonly subsets: readonly EndpointSubset[];
        readonly annotations: Readonly<Record<string, string | null>>;
      }
    | undefined;
  /** Mirrored slices: gone as soon as the mirroring controller has seen the label on the Endpoints. */
  readonly mirrored: Picture['slices'];
}

/**
 * What is to be written so that everything that lists this Service's Pods lists them as the
 * controllers would, without those that its sessions hold out. Decided from the picture alone: all
 * who stand in for one Service come to the same. Undefined while the Service has its selector, or no
 * session: then the controllers see to it.
 */
export function nextWrites(
  { service, pods, slices, endpoints }: Picture,
  zones: ReadonlyMap<string, string>,
): NextWrites | undefined {
  if (!service || hasSelector(service)) return undefined;
  const record = readServiceRecord(service);
  const selector = effectiveSelector(service);
  if (!record || !selector) return undefined;
  const out = new Set(record.sessions.map(({ podUid }) => podUid));
  const desired = { service, selector, pods, out, zones };
  const { subsets, truncated } = desiredSubsets(desired);
  const isRight =
    endpoints === undefined ||
    (subsetsKey(endpoints.subsets) === subsetsKey(subsets) &&
      endpoints.metadata?.labels?.[skipMirrorLabel] === 'true');
  return {
    ...placeEndpoints(service, desiredEndpoints(desired), slices),
    endpoints: isRight
      ? undefined
      : {
          object: endpoints,
          subsets,
          annotations: { [overCapacity]: truncated ? 'truncated' : null },
        },
    mirrored: slices.filter(isMirrored),
  };
}

export function isNothing({ creates, patches, deletes, endpoints }: NextWrites): boolean {
  return creates.length + patches.length + deletes.length === 0 && endpoints === undefined;
}

export function hasSelector({ spec }: NonNullable<Picture['service']>): boolean {
  return Object.keys(spec?.selector ?? {}).length > 0;
}

/**
 * What still lists the Pod for the Service, the Endpoints included (there are proxies that follow
 * them); undefined when nothing does. Slices of foreign managers are not the stand-in's.
 */
export function listedBy({ slices, endpoints }: Picture, pod: Pod): string | undefined {
  const slice = slices.find(
    (each) =>
      (isControllers(each) || isOwn(each) || isMirrored(each)) &&
      endpointsOf(each, pod).some(takesTraffic),
  );
  if (slice) return `endpointslice ${slice.metadata?.name}`;
  const own = new Set([pod.status?.podIP, ...(pod.status?.podIPs ?? []).map(({ ip }) => ip)]);
  const isListed = (endpoints?.subsets ?? []).some(({ addresses = [] }) =>
    addresses.some(({ ip, targetRef }) => targetRef?.uid === pod.metadata?.uid || own.has(ip)),
  );
  return isListed ? `endpoints ${endpoints?.metadata?.name}` : undefined;
}
