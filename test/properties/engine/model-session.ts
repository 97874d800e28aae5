import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Kube } from '../../../src/kube/index.ts';
import {
  withEntries,
  withoutPod,
  type Edit,
} from '../../../src/engine/routes/handmade/edit-entries.ts';
import type { Plan } from '../../../src/engine/plan/plan.ts';
import type { Owner } from '../../../src/engine/plan/read-owner.ts';
import type { Snapshot } from '../../../src/engine/plan/snapshot.ts';
import { routes } from '../../../src/engine/routes/index.ts';
import type { Write } from '../../../src/engine/routes/route.ts';
import { newRecord, newSession } from '../../../src/engine/session/prepare.ts';
import type { UndoRecord } from '../../../src/engine/session/record.ts';
import { encodeEntryRecord } from '../../../src/engine/session/entry-record.ts';
import { apiVersionOf, settle } from './model-controllers.ts';
import {
  controller,
  labelsOf,
  managedBy,
  nameOf,
  ownerOf,
  serviceName,
  type World,
} from './model-world.ts';

const recordAnnotation = 'pitstop.dev/session';
const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const kube = { user: 'jane', clockSkewMs: 0 } as Kube;

/** What the engine would read of the world. */
export function snapshotOf(world: World, name: string): Snapshot {
  const pod = world.pods.find((each) => nameOf(each) === name)!;
  return {
    pod,
    owner: engineOwner(world, pod),
    services: world.services,
    slices: world.slices,
    endpoints: world.endpoints,
    budgets: [],
    autoscalers: [],
    networkPolicies: [],
    claimants: world.workloads
      .filter(({ kind }) => kind !== 'CloneSet')
      .map(({ kind, name: own, uid, selector }) => ({
        object: `${kind.toLowerCase()}/${own}`,
        uid,
        selector,
      })),
  };
}

function engineOwner({ workloads }: World, pod: Pod): Owner | undefined {
  const workload = workloads.find(({ uid }) => uid === ownerOf(pod)?.uid);
  if (!workload) return undefined;
  const { kind, name, uid, selector, replicas } = workload;
  const metadata = { name, uid };
  const template = { metadata: { labels: { ...workload.template } } };
  const spec = { selector, replicas, template };
  switch (kind) {
    case 'ReplicaSet':
      return { kind, replicaSet: { metadata, spec } };
    case 'StatefulSet':
      return { kind, statefulSet: { metadata, spec: { ...spec, serviceName: '' } } };
    case 'DaemonSet':
      return { kind, daemonSet: { metadata, spec: { selector, template } } };
    case 'ReplicationController':
      return {
        kind,
        controller: { metadata, spec: { replicas, selector: selector.matchLabels ?? {} } },
      };
    case 'Job':
      return { kind, job: { metadata, spec: { selector, template } } };
    case 'CloneSet':
      return {
        kind: 'Other',
        reference: { apiVersion: apiVersionOf(kind), kind, ...metadata, controller: true },
        ...(workload.isReadable && { selector }),
      };
  }
}

/** Carries out the plan with the engine's own writes, and lets the cluster react. */
export function takeOut(
  world: World,
  plan: Plan,
): { readonly world: World; readonly record: UndoRecord } {
  const pod = world.pods.find((each) => nameOf(each) === plan.spec.pod)!;
  const record = newRecord(kube, { pod, plan }, newSession(plan, 'none'));
  const writes = routes[plan.status.route.name].writes({ pod, plan, record });
  let now = world;
  for (const write of writes) now = settle(applied(now, write));
  now = standIn(now, pod, Object.keys(record.selectors ?? {}));
  const session = {
    id: record.id,
    pod: nameOf(pod),
    podUid: pod.metadata?.uid ?? '',
    by: record.by,
    startedAt: record.startedAt,
  };
  for (const { resource, name } of plan.status.entries) {
    now = settle(edited(now, resource, name, (object) => withoutPod(object, pod, session)));
  }
  return { world: settle(now), record };
}

/** Puts back what the record on the Pod, and those on Services and slices, say. */
export function bringHome(world: World, record: UndoRecord): World {
  const pod = world.pods.find(
    (each) => each.metadata?.annotations?.[recordAnnotation] !== undefined,
  )!;
  let now = world;
  for (const [name, selector] of Object.entries(record.selectors ?? {})) {
    now = {
      ...now,
      services: now.services.map((service): Service => {
        if (nameOf(service) !== name) return service;
        return {
          ...service,
          metadata: bare(service.metadata ?? {}),
          spec: { ...service.spec, selector },
        };
      }),
    };
    now = settle(now);
  }
  for (const resource of ['endpointslices', 'endpoints'] as const) {
    const objects = resource === 'endpoints' ? now.endpoints : now.slices;
    for (const name of objects.map(nameOf)) {
      now = edited(now, resource, name, (object) => withEntries(object, record.id));
    }
  }
  const reference = { resource: 'pods', name: nameOf(pod) } as const;
  const back = { labels: record.labels, annotations: { [costAnnotation]: '2147483647' } };
  const conditions = Object.entries(record.conditions ?? {}).map(([type, before]) =>
    before ? { type, status: before.status } : { type, $patch: 'delete' },
  );
  now = settle(
    applied(now, {
      reference,
      type: 'strategic',
      patch: { metadata: back, status: { conditions } },
    }),
  );
  const cleared = { [costAnnotation]: record.deletionCost, [recordAnnotation]: null };
  return settle(
    applied(now, { reference, type: 'merge', patch: { metadata: { annotations: cleared } } }),
  );
}

/** What route `selector` keeps up for the endpoints controllers: everybody but the Pod. */
function standIn(world: World, pod: Pod, services: readonly string[]): World {
  const addresses = (pod.status?.podIPs ?? []).map(({ ip }) => ip ?? '');
  const isFrozen = (slice: EndpointSlice) =>
    services.includes(labelsOf(slice)[serviceName] ?? '') &&
    labelsOf(slice)[managedBy] === controller;
  return settle({
    ...world,
    slices: world.slices.map((slice) =>
      isFrozen(slice)
        ? {
            ...slice,
            endpoints: (slice.endpoints ?? []).filter(
              (entry) => !entry.addresses.some((each) => addresses.includes(each)),
            ),
          }
        : slice,
    ),
    endpoints: world.endpoints.map((object) =>
      services.includes(nameOf(object))
        ? {
            ...object,
            subsets: (object.subsets ?? []).map((subset) => ({
              ...subset,
              addresses: (subset.addresses ?? []).filter(({ ip }) => !addresses.includes(ip)),
            })),
          }
        : object,
    ),
  });
}

type Listing = EndpointSlice | Endpoints;

function edited(
  world: World,
  resource: 'endpointslices' | 'endpoints',
  name: string,
  edit: (object: Listing) => Edit | undefined,
): World {
  const change = <T extends Listing>(object: T): T => {
    const made = nameOf(object) === name ? edit(object) : undefined;
    if (!made) return object;
    const { sessions } = made.record;
    const metadata =
      sessions.length > 0
        ? {
            ...object.metadata,
            annotations: {
              ...object.metadata?.annotations,
              [recordAnnotation]: encodeEntryRecord(made.record),
            },
          }
        : bare(object.metadata ?? {});
    return { ...object, metadata, ...made.content };
  };
  return resource === 'endpoints'
    ? { ...world, endpoints: world.endpoints.map(change) }
    : { ...world, slices: world.slices.map(change) };
}

interface Patch {
  readonly metadata?: { readonly labels?: Values; readonly annotations?: Values };
  readonly spec?: { readonly selector?: null };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status?: string;
      readonly $patch?: string;
    }[];
  };
}
type Values = Readonly<Record<string, string | null>>;

/** A patch as the API server applies it, as far as our writes go. */
function applied(world: World, { reference, patch }: Write): World {
  const change = patch as Patch;
  const isMeant = (object: { readonly metadata?: { readonly name?: string } }) =>
    object.metadata?.name === reference.name;
  const withMetadata = <T extends Pod | Service>(object: T): T => ({
    ...object,
    metadata: bare(
      {
        ...object.metadata,
        labels: merged(object.metadata?.labels, change.metadata?.labels),
        annotations: merged(object.metadata?.annotations, change.metadata?.annotations),
      },
      false,
    ),
  });
  if (reference.resource === 'services') {
    return {
      ...world,
      services: world.services.map((service) => {
        if (!isMeant(service)) return service;
        const { selector: _, ...spec } = service.spec ?? {};
        return { ...withMetadata(service), spec };
      }),
    };
  }
  return {
    ...world,
    pods: world.pods.map((pod) => {
      if (!isMeant(pod)) return pod;
      const changes = change.status?.conditions ?? [];
      const kept = (pod.status?.conditions ?? []).filter(
        ({ type }) => !changes.some((each) => each.type === type),
      );
      const set = changes
        .filter(({ $patch }) => $patch !== 'delete')
        .map(({ type, status = '' }) => ({ type, status }));
      return { ...withMetadata(pod), status: { ...pod.status, conditions: [...kept, ...set] } };
    }),
  };
}

function merged(before: Readonly<Record<string, string>> = {}, change: Values = {}) {
  const entries = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b))) as Record<
    string,
    string
  >;
}

/** Without our annotation (or only without what is empty), as an object reads that never had one. */
function bare<
  T extends {
    readonly annotations?: Record<string, string>;
    readonly labels?: Record<string, string>;
  },
>(metadata: T, andRecord = true): T {
  const { annotations = {}, labels = {}, ...rest } = metadata;
  const { [recordAnnotation]: record, ...others } = annotations;
  const left =
    andRecord || record === undefined ? others : { ...others, [recordAnnotation]: record };
  return {
    ...rest,
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(left).length > 0 && { annotations: left }),
  } as T;
}
