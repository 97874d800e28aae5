import type { EndpointAddress, Endpoints } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointPort, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { portSetKey } from '../endpointslice/endpoint.ts';
import { MANAGED_BY, SERVICE_NAME } from '../endpointslice/slice.ts';
import { controllerReference, metaOf } from '../object-meta.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { familyOf, type IpFamily } from '../service-pods.ts';
import { LAST_CHANGE_TRIGGER_TIME } from '../trigger-time.ts';

export const MIRRORING_CONTROLLER_NAME = 'endpointslicemirroring-controller.k8s.io';
export const MAX_ENDPOINTS_PER_SUBSET = 1000;

export interface MirrorPlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
  /** Addresses beyond what a subset may have mirrored. */
  readonly skipped: number;
}

interface Wanted {
  readonly addressType: IpFamily;
  readonly ports: EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** What has to be written so that the mirrored slices say what the Endpoints say: one per port set and family. */
export function planMirror(endpoints: Endpoints, existing: readonly EndpointSlice[]): MirrorPlan {
  const { wanted, skipped } = wantedSlices(endpoints);
  const byKey = Map.groupBy(existing, ({ addressType, ports }) =>
    sliceKey(addressType as IpFamily, ports),
  );
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  const remove = [...byKey].flatMap(([key, slices]) => (wanted.has(key) ? [] : slices));
  for (const [key, content] of wanted) {
    const mirrored = mirroredSlice(endpoints, content);
    const [keep, ...surplus] = byKey.get(key) ?? [];
    remove.push(...surplus);
    if (!keep) create.push(mirrored);
    else if (!isSameMirror(keep, mirrored)) update.push(overwritten(keep, mirrored));
  }
  // A slice to be deleted takes the place of one of its family to be created.
  const recycled = create.map((slice) => {
    const index = remove.findIndex(({ addressType }) => addressType === slice.addressType);
    const [reused] = index < 0 ? [] : remove.splice(index, 1);
    return reused ? { reused, slice } : { slice };
  });
  return {
    create: recycled.flatMap(({ reused, slice }) => (reused ? [] : [slice])),
    update: [
      ...update,
      ...recycled.flatMap(({ reused, slice }) => (reused ? [overwritten(reused, slice)] : [])),
    ],
    delete: remove,
    skipped,
  };
}

function wantedSlices({ subsets = [] }: Endpoints): {
  wanted: Map<string, Wanted>;
  skipped: number;
} {
  const wanted = new Map<string, Wanted>();
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const all = [
      ...addresses.map((address) => ({ address, ready: true })),
      ...notReadyAddresses.map((address) => ({ address, ready: false })),
    ];
    skipped += Math.max(0, all.length - MAX_ENDPOINTS_PER_SUBSET);
    const endpointPorts = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol && { appProtocol }),
    }));
    for (const { address, ready } of all.slice(0, MAX_ENDPOINTS_PER_SUBSET)) {
      const addressType = familyOf(address.ip);
      const key = sliceKey(addressType, endpointPorts);
      const content = wanted.get(key) ?? {
        addressType,
        ports: endpointPorts,
        endpoints: new Map(),
      };
      wanted.set(key, content);
      content.endpoints.set(
        JSON.stringify([address.ip, address.targetRef?.uid]),
        endpoint(address, ready),
      );
    }
  }
  return { wanted, skipped };
}

function endpoint(
  { ip, hostname, nodeName, targetRef }: EndpointAddress,
  ready: boolean,
): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(targetRef && { targetRef }),
    ...(nodeName && { nodeName }),
  };
}

/** A42. */
function mirroredSlice(
  source: Endpoints,
  { addressType, ports, endpoints }: Wanted,
): EndpointSlice {
  const { namespace, name, labels, annotations = {} } = metaOf(source);
  const inherited = Object.entries(annotations).filter(([key]) => !NOT_INHERITED.has(key));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      ...(namespace && { namespace }),
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: MIRRORING_CONTROLLER_NAME },
      ...(inherited.length > 0 && { annotations: Object.fromEntries(inherited) }),
      ownerReferences: [controllerReference(source)],
    },
    addressType,
    endpoints: [...endpoints.values()],
    ports,
  };
}

const NOT_INHERITED = new Set([
  LAST_CHANGE_TRIGGER_TIME,
  'kubectl.kubernetes.io/last-applied-configuration',
]);

function isSameMirror(slice: EndpointSlice, { metadata, endpoints }: EndpointSlice): boolean {
  return (
    isSemanticallyEqual(slice.endpoints, endpoints) &&
    isSemanticallyEqual(slice.metadata?.labels, metadata?.labels) &&
    isSemanticallyEqual(slice.metadata?.annotations, metadata?.annotations)
  );
}

function overwritten(
  slice: EndpointSlice,
  { metadata, endpoints, ports = [] }: EndpointSlice,
): EndpointSlice {
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata ?? {};
  return {
    ...slice,
    metadata: { ...slice.metadata, labels, annotations, ownerReferences },
    endpoints,
    ports,
  };
}

function sliceKey(addressType: IpFamily, ports: EndpointSlice['ports']): string {
  return `${addressType} ${portSetKey(ports)}`;
}
