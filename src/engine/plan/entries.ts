import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import { standInManager } from '../annotations.ts';
import { addressesOf, normalAddress } from './pod-addresses.ts';
import type { Snapshot } from './snapshot.ts';
import { endpointsOf, selectorOf, sliceService, takesTraffic } from './traffic.ts';

const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
const sliceController = 'endpointslice-controller.k8s.io';
const mirroringController = 'endpointslicemirroring-controller.k8s.io';

/**
 * A place that lists the Pod and that no label, condition or selector reaches: the session takes
 * the Pod's entry out of this very object, and puts exactly it back.
 */
export interface PlanEntry {
  readonly resource: 'endpointslices' | 'endpoints';
  readonly name: string;
  readonly uid: string;
  /** Whose traffic it carries; a Service of that name need not exist. Empty without the label. */
  readonly service: string;
  /** The manager by its label; empty without one. */
  readonly managedBy: string;
  /** Under which addresses it lists the Pod. */
  readonly addresses: readonly string[];
  /** Why the session has to edit it. */
  readonly reason: string;
  /** The controller that owns the object, and may write the Pod's entry back. */
  readonly heldBy?: string;
}

/** `endpointslice/web-x7`, `endpoints/web`. */
export function entryObject({ resource, name }: Pick<PlanEntry, 'resource' | 'name'>): string {
  return `${resource === 'endpointslices' ? 'endpointslice' : 'endpoints'}/${name}`;
}

export function sliceManager({ metadata }: EndpointSlice): string {
  return metadata?.labels?.[managedByLabel] ?? '';
}

/** Every entry of the Pod that does not follow from its labels and readiness. */
export function findEntries(snapshot: Snapshot): readonly PlanEntry[] {
  const entries = [
    ...snapshot.slices.flatMap((slice) => sliceEntry(snapshot, slice) ?? []),
    ...(snapshot.endpoints ?? []).flatMap((object) => endpointsEntry(snapshot, object) ?? []),
  ];
  // Endpoints of several ports have several mirrors.
  const keys = entries.map(({ resource, name }) => `${resource}/${name}`);
  return entries.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}

function sliceEntry(snapshot: Snapshot, slice: EndpointSlice): PlanEntry | undefined {
  const { pod, services } = snapshot;
  const listed = endpointsOf(slice, pod).filter(takesTraffic);
  if (listed.length === 0 || slice.metadata?.deletionTimestamp) return undefined;
  const name = sliceService(slice);
  const service = services.find(({ metadata }) => metadata?.name === name);
  const manager = sliceManager(slice);
  const reason = sliceReason(snapshot, { manager, name, service });
  if (reason === undefined) return undefined;
  const addresses = [...new Set(listed.flatMap((each) => each.addresses))];
  if (manager === mirroringController && service && !hasSelector(service) && !snapshot.endpoints) {
    return unseenEntry(slice, { service: name, addresses });
  }
  const heldBy = holderOf(slice.metadata);
  return {
    resource: 'endpointslices',
    name: slice.metadata?.name ?? '',
    uid: slice.metadata?.uid ?? '',
    service: name,
    managedBy: manager,
    addresses,
    reason,
    ...(heldBy && { heldBy }),
  };
}

/** What a mirror shows of Endpoints that the user may not list; edited by itself it would be put back. */
function unseenEntry(
  { metadata }: EndpointSlice,
  { service, addresses }: Pick<PlanEntry, 'service' | 'addresses'>,
): PlanEntry {
  const owner = metadata?.ownerReferences?.find(({ kind }) => kind === 'Endpoints');
  return {
    resource: 'endpoints',
    name: service,
    uid: owner?.uid ?? '',
    service,
    managedBy: '',
    addresses,
    reason: `service/${service} has no selector: endpointslice/${metadata?.name} mirrors its Endpoints`,
  };
}

/** Undefined where a controller follows the Pod, or the Endpoints object that is edited instead. */
function sliceReason(
  { endpoints = [], pod }: Snapshot,
  {
    manager,
    name,
    service,
  }: { readonly manager: string; readonly name: string; readonly service: Service | undefined },
): string | undefined {
  const selects = service !== undefined && hasSelector(service);
  switch (manager) {
    case sliceController:
      if (selects) return undefined;
      return service
        ? `left over from when service/${name} had a selector: its controller does not look at it any more`
        : 'left over: its Service is gone';
    case mirroringController: {
      if (selects) return `left over from when service/${name} had no selector`;
      const mirrored = endpoints.find(({ metadata }) => metadata?.name === name);
      if (mirrored && servingAddresses(mirrored, addressesOf(pod)).length > 0) return undefined;
      return 'a mirror whose Endpoints do not list the Pod';
    }
    case standInManager:
      return selects ? undefined : 'left over from a session of route selector';
    case '':
      return service ? 'made by hand' : 'made by hand, for a Service that does not exist';
    default:
      return `managed by ${manager}`;
  }
}

/** With a selector its controller follows the Pod; without a Service nobody reads Endpoints. */
function endpointsEntry({ pod, services }: Snapshot, object: Endpoints): PlanEntry | undefined {
  const name = object.metadata?.name ?? '';
  const service = services.find(({ metadata }) => metadata?.name === name);
  if (!service || hasSelector(service)) return undefined;
  const addresses = servingAddresses(object, addressesOf(pod));
  if (addresses.length === 0 || object.metadata?.deletionTimestamp) return undefined;
  const heldBy = holderOf(object.metadata);
  return {
    resource: 'endpoints',
    name,
    uid: object.metadata?.uid ?? '',
    service: name,
    managedBy: object.metadata?.labels?.['endpoints.kubernetes.io/managed-by'] ?? '',
    addresses,
    reason: `service/${name} has no selector: nobody but their author changes its Endpoints`,
    ...(heldBy && { heldBy }),
  };
}

function hasSelector(service: Service): boolean {
  return Object.keys(selectorOf(service)).length > 0;
}

function servingAddresses(object: Endpoints, own: ReadonlySet<string>): readonly string[] {
  const listed = (object.subsets ?? []).flatMap(({ addresses = [] }) => addresses);
  return [...new Set(listed.map(({ ip }) => ip).filter((ip) => own.has(normalAddress(ip))))];
}

/** An object's controller may reconcile it; Services and Endpoints own slices only to be cleaned up with. */
function holderOf(metadata: ObjectMeta | undefined): string | undefined {
  const owner = metadata?.ownerReferences?.find(
    ({ controller, kind }) => controller && kind !== 'Service' && kind !== 'Endpoints',
  );
  return owner && `${owner.kind.toLowerCase()}/${owner.name}`;
}
