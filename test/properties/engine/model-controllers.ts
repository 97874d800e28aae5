import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import {
  controller,
  hasSelector,
  labelsOf,
  managedBy,
  mirroring,
  nameLabel,
  nameOf,
  ownerOf,
  revisionLabel,
  selects,
  serviceName,
  serviceSelects,
  withLabels,
  type Workload,
  type World,
} from './model-world.ts';

/**
 * What the cluster makes of a world by itself: kubelets, owners, endpoints controllers and the
 * mirroring, until nothing changes any more. Purely, and from upstream's rules, not from the engine.
 */
export function settle(world: World): World {
  let now = world;
  for (let round = 0; round < 20; round++) {
    const next = mirror(endpoints(owners(kubelets(now))));
    if (JSON.stringify(next) === JSON.stringify(now)) return now;
    now = next;
  }
  throw new Error('the model does not come to rest');
}

function kubelets(world: World): World {
  return {
    ...world,
    pods: world.pods.map((pod) => {
      const { conditions = [] } = pod.status ?? {};
      const is = (type: string) =>
        conditions.some((each) => each.type === type && each.status === 'True');
      const ready =
        is('ContainersReady') &&
        (pod.spec?.readinessGates ?? []).every(({ conditionType }) => is(conditionType));
      const others = conditions.filter(({ type }) => type !== 'Ready');
      return {
        ...pod,
        status: {
          ...pod.status,
          conditions: [...others, { type: 'Ready', status: ready ? 'True' : 'False' }].sort(
            (a, b) => a.type.localeCompare(b.type),
          ),
        },
      };
    }),
  };
}

function owners(world: World): World {
  return world.workloads.reduce(
    (now, workload) => ({ ...now, pods: reconcile(now.pods.map(claim(workload)), workload) }),
    world,
  );
}

/** ControllerRefManager: releases what it owns and does not match, adopts orphans that do. */
function claim(workload: Workload): (pod: Pod) => Pod {
  const { kind, name, uid, selector } = workload;
  return (pod) => {
    const owner = ownerOf(pod);
    const matches =
      selects(selector, labelsOf(pod)) &&
      (kind !== 'StatefulSet' || new RegExp(`^${name}-\\d+$`).test(nameOf(pod)));
    if (owner?.uid === uid && !matches) {
      const { ownerReferences: _, ...metadata } = pod.metadata ?? {};
      return { ...pod, metadata };
    }
    // What a foreign kind adopts nobody can know: after the beginning, nothing.
    if (owner || !matches || (kind === 'CloneSet' && workload.replicas >= 0)) return pod;
    const reference = { apiVersion: apiVersionOf(kind), kind, name, uid, controller: true };
    return { ...pod, metadata: { ...pod.metadata, ownerReferences: [reference] } };
  };
}

export function apiVersionOf(kind: Workload['kind']): string {
  if (kind === 'ReplicationController') return 'v1';
  if (kind === 'Job') return 'batch/v1';
  return kind === 'CloneSet' ? 'apps.kruise.io/v1alpha1' : 'apps/v1';
}

function reconcile(pods: readonly Pod[], workload: Workload): readonly Pod[] {
  const { kind, uid, replicas, template } = workload;
  // Before the world begins: whatever is claimed is wanted.
  if (replicas < 0) return pods;
  const isOwned = (pod: Pod) => ownerOf(pod)?.uid === uid;
  // A Pod of another revision is rolled out; a StatefulSet writes the Pod's name back.
  const kept = pods
    .filter(
      (pod) =>
        !isOwned(pod) ||
        !['StatefulSet', 'DaemonSet'].includes(kind) ||
        labelsOf(pod)[revisionLabel] !== undefined,
    )
    // One whose selector nobody knows may do anything with a Pod that changed: it does the worst.
    .filter((pod) => !isOwned(pod) || workload.isReadable || isAsBorn(pod))
    .map((pod) =>
      kind === 'StatefulSet' && isOwned(pod)
        ? withLabels(pod, { ...labelsOf(pod), [nameLabel]: nameOf(pod) })
        : pod,
    );
  const owned = kept.filter(isOwned).sort(victimFirst);
  const surplus = new Set(owned.slice(0, Math.max(0, owned.length - replicas)));
  const left = kept.filter((pod) => !surplus.has(pod));
  if (kind === 'StatefulSet') return left;
  const missing = Math.max(0, replicas - owned.length);
  return [
    ...left,
    ...Array.from({ length: missing }, (_, at) => replacement(workload, template, at, left)),
  ];
}

export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map((pair) => pair.join('='))
    .toSorted()
    .join(' ');
}

function isAsBorn(pod: Pod): boolean {
  const { born } = pod.metadata?.annotations ?? {};
  return born === undefined || born === labelText(labelsOf(pod));
}

/** ActivePodsWithRanks: not ready before ready, then the lower deletion cost, then the younger. */
function victimFirst(a: Pod, b: Pod): number {
  const ready = (pod: Pod) =>
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
      ? 1
      : 0;
  const cost = (pod: Pod) =>
    Number(pod.metadata?.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0);
  return ready(a) - ready(b) || cost(a) - cost(b) || nameOf(b).localeCompare(nameOf(a));
}

function replacement(
  { name, uid, kind }: Workload,
  labels: Readonly<Record<string, string>>,
  at: number,
  others: readonly Pod[],
): Pod {
  let number = at;
  while (others.some((pod) => nameOf(pod) === `${name}-new-${number}`)) number++;
  return {
    metadata: {
      name: `${name}-new-${number}`,
      uid: `${uid}-new-${number}`,
      labels: { ...labels },
      ownerReferences: [{ apiVersion: apiVersionOf(kind), kind, name, uid, controller: true }],
    },
    spec: { nodeName: 'node-9', containers: [{ name: 'app' }] },
    status: {
      podIP: `10.9.${uid.length}.${number}`,
      conditions: [
        { type: 'ContainersReady', status: 'True' },
        { type: 'Ready', status: 'True' },
      ],
    },
  };
}

/** Endpoints and slices of Services with a selector; without one both are left as they are. */
function endpoints(world: World): World {
  const selecting = world.services.filter(hasSelector);
  const names = new Set(selecting.map(nameOf));
  const isOurs = (slice: EndpointSlice) =>
    names.has(labelsOf(slice)[serviceName] ?? '') && labelsOf(slice)[managedBy] === controller;
  return {
    ...world,
    slices: [
      ...selecting.flatMap((service) => slicesOf(service, world.pods)),
      ...world.slices.filter((slice) => !isOurs(slice)),
    ],
    endpoints: [
      ...selecting.map((service) => endpointsOf(service, world.pods)),
      ...world.endpoints.filter((object) => !names.has(nameOf(object))),
    ],
  };
}

function slicesOf(service: Service, pods: readonly Pod[]): readonly EndpointSlice[] {
  const families = service.spec?.ipFamilies ?? ['IPv4'];
  return families.map((family) => ({
    metadata: {
      name: `${nameOf(service)}-${family.toLowerCase()}`,
      labels: { [serviceName]: nameOf(service), [managedBy]: controller },
    },
    addressType: family as 'IPv4' | 'IPv6',
    endpoints: picked(service, pods).flatMap((pod) => {
      const address = addressOf(pod, family);
      const ready = isReady(pod);
      const published = service.spec?.publishNotReadyAddresses ?? false;
      return address
        ? [
            {
              addresses: [address],
              conditions: { ready: published || ready, serving: ready, terminating: false },
              nodeName: pod.spec?.nodeName ?? '',
              targetRef: { kind: 'Pod', name: nameOf(pod), uid: pod.metadata?.uid ?? '' },
            },
          ]
        : [];
    }),
  }));
}

function endpointsOf(service: Service, pods: readonly Pod[]): Endpoints {
  const listed = picked(service, pods)
    .filter((pod) => isReady(pod) || service.spec?.publishNotReadyAddresses)
    .flatMap((pod) => addressOf(pod, 'IPv4') ?? []);
  return {
    metadata: { name: nameOf(service) },
    subsets: listed.length > 0 ? [{ addresses: listed.map((ip) => ({ ip })) }] : [],
  };
}

function picked(service: Service, pods: readonly Pod[]): readonly Pod[] {
  return pods
    .filter((pod) => serviceSelects(service, labelsOf(pod)))
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

function isReady({ status }: Pod): boolean {
  return (
    status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false
  );
}

export function addressOf({ status }: Pod, family: string): string | undefined {
  const all = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)];
  return all.find((ip) => ip !== undefined && ip.includes(':') === (family === 'IPv6'));
}

/** Endpoints of Services without a selector are mirrored; every other mirror goes. */
function mirror(world: World): World {
  const foreign = world.slices.filter((slice) => labelsOf(slice)[managedBy] !== mirroring);
  const mirrors = world.endpoints.flatMap((object): EndpointSlice[] => {
    const service = world.services.find((each) => nameOf(each) === nameOf(object));
    const skipped = labelsOf(object)['endpointslice.kubernetes.io/skip-mirror'] === 'true';
    if (!service || Object.keys(service.spec?.selector ?? {}).length > 0 || skipped) return [];
    const addresses = (object.subsets ?? []).flatMap((subset) => subset.addresses ?? []);
    return [
      {
        metadata: {
          name: `${nameOf(object)}-mirror`,
          labels: { [serviceName]: nameOf(object), [managedBy]: mirroring },
        },
        addressType: 'IPv4',
        endpoints: addresses.map(({ ip }) => ({ addresses: [ip], conditions: { ready: true } })),
      },
    ];
  });
  const sorted = [...foreign, ...mirrors].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  return {
    ...world,
    slices: sorted,
    endpoints: [...world.endpoints].sort((a, b) => nameOf(a).localeCompare(nameOf(b))),
    pods: [...world.pods].sort((a, b) => nameOf(a).localeCompare(nameOf(b))),
  };
}
