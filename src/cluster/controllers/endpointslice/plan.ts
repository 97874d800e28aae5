import type { Node, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { familyOf, type IpFamily } from '../service-pods.ts';
import { type Listing, listingOf, portSetKey } from './endpoint.ts';
import { packSlices } from './pack.ts';
import { isOwnedBy, isPlaceholder, newSlice } from './slice.ts';

export interface SlicePlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
  /** Pods that are left out for now because their node is not known. */
  readonly withoutNode: readonly Pod[];
}

export interface SlicePlanInput {
  readonly service: Service;
  readonly pods: readonly Pod[];
  readonly existing: readonly EndpointSlice[];
  readonly nodeOf: (pod: Pod) => Node | undefined;
}

/** What has to be written so that the slices list exactly the Pods of the Service. */
export function planSlices(input: SlicePlanInput): SlicePlan {
  const families = familiesOf(input.service);
  const plans = families.map((family) => planFamily(family, input));
  const unsupported = input.existing.filter(
    ({ addressType }) => !families.includes(addressType as IpFamily),
  );
  return {
    create: plans.flatMap(({ create }) => create),
    update: plans.flatMap(({ update }) => update),
    delete: [...plans.flatMap((plan) => plan.delete), ...unsupported],
    withoutNode: plans[0]?.withoutNode ?? [],
  };
}

export function familiesOf({ spec }: Service): IpFamily[] {
  const families = (spec?.ipFamilies ?? []) as IpFamily[];
  if (families.length > 0) return families;
  return [spec?.clusterIP && spec.clusterIP !== 'None' ? familyOf(spec.clusterIP) : 'IPv4'];
}

/** A27: one address family; within it, Pods whose ports resolve alike share slices. */
function planFamily(
  family: IpFamily,
  { service, pods, existing, nodeOf }: SlicePlanInput,
): SlicePlan {
  const withoutNode: Pod[] = [];
  const groups = new Map<string, Listing[]>();
  for (const pod of pods) {
    const node = nodeOf(pod);
    const listing = listingOf(service, pod, { node, family });
    if (!listing.isListed) continue;
    // A31: without its node the zone is unknown, unless the Service asks for everything.
    if (!node && !service.spec?.publishNotReadyAddresses) {
      withoutNode.push(pod);
      continue;
    }
    const group = groups.get(listing.portsKey);
    if (group) group.push(listing);
    else groups.set(listing.portsKey, [listing]);
  }

  const ofFamily = existing.filter(({ addressType }) => addressType === family);
  const owned = ofFamily.filter((slice) => isOwnedBy(slice, service));
  const byPorts = Map.groupBy(owned, ({ ports }) => portSetKey(ports));
  const packed = [...groups].map(([key, listings]) =>
    packSlices(byPorts.get(key) ?? [], listings, { service, addressType: family }),
  );
  const create = packed.flatMap((plan) => plan.create);
  const remove = [
    ...packed.flatMap((plan) => plan.delete),
    ...ofFamily.filter((slice) => !isOwnedBy(slice, service)),
    ...[...byPorts].flatMap(([key, slices]) => (groups.has(key) ? [] : slices)),
  ];
  const plan = recycle(service, {
    ...withPlaceholder(service, family, ofFamily, { create, delete: remove }),
    update: packed.flatMap(({ update }) => update),
  });
  return { ...plan, withoutNode };
}

type Writes = Pick<SlicePlan, 'create' | 'update' | 'delete'>;

/** A29: a Service always has a slice of each family; an empty one, when there is nothing to list. */
function withPlaceholder(
  service: Service,
  addressType: IpFamily,
  existing: readonly EndpointSlice[],
  writes: Pick<Writes, 'create' | 'delete'>,
): Pick<Writes, 'create' | 'delete'> {
  if (writes.create.length > 0 || existing.length > writes.delete.length) return writes;
  const [only, ...others] = writes.delete;
  if (only && others.length === 0 && isPlaceholder(only, service)) {
    return { create: [], delete: [] };
  }
  return {
    create: [newSlice(service, { addressType, ports: [], endpoints: [] })],
    delete: writes.delete,
  };
}

/** A slice to be deleted takes the place of one to be created: fewer writes, and its name stays. */
function recycle(service: Service, { create, update, delete: remove }: Writes): Writes {
  const toCreate = [...create];
  const updates = [...update];
  const deletes = remove.filter((slice) => {
    if (!isOwnedBy(slice, service)) return true;
    const successor = toCreate.pop();
    if (!successor) return true;
    const { endpoints, ports = [], metadata } = successor;
    const labels = metadata?.labels ?? {};
    updates.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints, ports });
    return false;
  });
  return { create: toCreate, update: updates, delete: deletes };
}
