import fc from 'fast-check';
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { LabelSelector, LabelSelectorRequirement as Rule } from 'kubernetes-types/meta/v1.js';
import { addressOf, labelText, settle } from './model-controllers.ts';
import {
  controller,
  gateCondition,
  labelsOf,
  managedBy,
  mirroring,
  nameLabel,
  nameOf,
  ownerOf,
  revisionLabel,
  serviceName,
  withLabels,
  type Workload,
  type World,
} from './model-world.ts';

/** Few keys and values, so that selectors, policies and claims meet each other. */
const keys = ['app', 'tier', 'traffic', 'track', 'pod-template-hash'] as const;
const key = fc.constantFrom(...keys);
const value = fc.constantFrom('a', 'b');
const labels = fc.dictionary(key, value, { minKeys: 1 });

/** Mostly what the first Pod carries: worlds in which nothing reaches it say little. */
function partOf(whole: Readonly<Record<string, string>>) {
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.subarray(Object.entries(whole), { minLength: 1 }).map(Object.fromEntries),
    },
    { weight: 1, arbitrary: labels },
  ) as fc.Arbitrary<Record<string, string>>;
}

function selector(whole: Readonly<Record<string, string>>): fc.Arbitrary<LabelSelector> {
  const rule: fc.Arbitrary<Rule> = fc.oneof(
    fc.record({
      key,
      operator: fc.constantFrom('In', 'NotIn'),
      values: fc.subarray(['a', 'b'], { minLength: 1 }),
    }),
    fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  );
  return fc.record({
    matchLabels: partOf(whole),
    matchExpressions: fc.oneof(
      { weight: 1, arbitrary: fc.constant<Rule[]>([]) },
      { weight: 1, arbitrary: fc.array(rule, { minLength: 1, maxLength: 2 }) },
    ),
  });
}

const kinds = [
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'ReplicationController',
  'Job',
  'CloneSet',
] as const;

function workload(at: number, whole: Readonly<Record<string, string>>): fc.Arbitrary<Workload> {
  return fc
    .record({
      kind: fc.constantFrom(...kinds),
      selector: selector(whole),
      isReadable: fc.boolean(),
    })
    .map(({ kind, isReadable, selector: picks }) => ({
      kind,
      // A ReplicationController's is a map.
      selector: kind === 'ReplicationController' ? { ...picks, matchExpressions: [] } : picks,
      uid: `workload-${at}`,
      replicas: -1,
      template: {},
      // A StatefulSet adopts only Pods of its name; only a foreign kind's selector may be unreadable.
      name: kind === 'StatefulSet' ? 'web' : `workload-${at}`,
      isReadable: kind !== 'CloneSet' || isReadable,
    }));
}

function pod(at: number, own: Readonly<Record<string, string>>): fc.Arbitrary<Pod> {
  return fc
    .record({
      ready: fc.oneof(
        { weight: 5, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
      gate: fc.constantFrom('none', 'none', 'open', 'shut', 'unset'),
    })
    .map(({ ready, gate }) => {
      const conditions = [{ type: 'ContainersReady', status: ready ? 'True' : 'False' }];
      if (gate === 'open' || gate === 'shut') {
        conditions.push({ type: gateCondition, status: gate === 'open' ? 'True' : 'False' });
      }
      return {
        metadata: { name: `web-${at}`, uid: `pod-${at}`, namespace: 'shop', labels: { ...own } },
        spec: {
          nodeName: `node-${at}`,
          containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }],
          ...(gate !== 'none' && { readinessGates: [{ conditionType: gateCondition }] }),
        },
        status: {
          podIP: `10.0.0.${at + 1}`,
          podIPs: [{ ip: `10.0.0.${at + 1}` }, { ip: `fd00::${at + 1}` }],
          conditions,
        },
      };
    });
}

/** Labels that owners write by themselves, as a Service for one Pod of a StatefulSet selects on. */
const written = { [nameLabel]: 'web-0', [revisionLabel]: 'r1' };

function service(at: number, whole: Readonly<Record<string, string>>): fc.Arbitrary<Service> {
  return fc
    .record({
      selector: fc.oneof(
        { weight: 8, arbitrary: partOf(whole) },
        { weight: 1, arbitrary: partOf({ ...whole, ...written }) },
        { weight: 2, arbitrary: fc.constant(undefined) },
      ),
      type: fc.constantFrom('ClusterIP', 'ClusterIP', 'ClusterIP', 'NodePort', 'ExternalName'),
      publishNotReadyAddresses: fc.oneof(
        { weight: 4, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
      isDual: fc.boolean(),
      isHeadless: fc.boolean(),
    })
    .map(({ selector: picks, type, isDual, isHeadless, ...spec }) => ({
      metadata: { name: `service-${at}`, uid: `service-${at}`, namespace: 'shop' },
      spec: {
        ...spec,
        type,
        ...(picks && { selector: picks }),
        ...(isHeadless && type === 'ClusterIP' && { clusterIP: 'None' }),
        ipFamilies: isDual ? ['IPv4', 'IPv6'] : ['IPv4'],
        ports: [{ port: 80, targetPort: 'http' }],
      },
    }));
}

/** What is there besides what controllers keep: made by hand, left over, somebody else's. */
function strayObject(at: number, pods: readonly Pod[]) {
  const entry = fc
    .record({
      pod: fc.constantFrom(...pods),
      ready: fc.constantFrom(true, undefined, false),
      named: fc.boolean(),
      family: fc.constantFrom('IPv4', 'IPv6'),
    })
    .map(({ pod: listed, ready, named, family }): Endpoint => ({
      addresses: [addressOf(listed, family) ?? ''],
      ...(ready !== undefined && { conditions: { ready, ...(!ready && { serving: false }) } }),
      ...(named && {
        targetRef: { kind: 'Pod', name: nameOf(listed), uid: listed.metadata?.uid ?? '' },
      }),
    }));
  return fc
    .record({
      kind: fc.constantFrom('slice', 'slice', 'endpoints'),
      of: fc.integer({ min: 0, max: 4 }),
      manager: fc.constantFrom('', 'staff', controller, mirroring),
      isSkipped: fc.boolean(),
      entries: fc.uniqueArray(entry, {
        minLength: 1,
        maxLength: 3,
        selector: ({ addresses }) => addresses[0],
      }),
    })
    .map(
      ({
        kind,
        of,
        manager,
        isSkipped,
        entries,
      }): { slice?: EndpointSlice; endpoints?: Endpoints } => {
        const name = `service-${of}`;
        if (kind === 'endpoints') {
          const skip = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
          return {
            endpoints: {
              metadata: {
                name,
                uid: `endpoints-${of}`,
                namespace: 'shop',
                ...(isSkipped && { labels: skip }),
              },
              subsets: [{ addresses: entries.map(({ addresses: [ip = ''] }) => ({ ip })) }],
            },
          };
        }
        return {
          slice: {
            metadata: {
              name: `stray-${at}`,
              uid: `stray-${at}`,
              namespace: 'shop',
              labels: { [serviceName]: name, ...(manager && { [managedBy]: manager }) },
            },
            addressType: 'IPv4',
            endpoints: entries,
          },
        };
      },
    );
}

/** A world at rest, with its first Pod `web-0`. */
export const arbitraryWorld: fc.Arbitrary<World> = labels
  .chain((whole) =>
    fc
      .tuple(
        fc.tuple(
          pod(0, whole),
          pod(1, whole),
          labels.chain((other) => pod(2, other)),
        ),
        fc
          .array(fc.nat({ max: 9 }), { maxLength: 3 })
          .chain((ats) => fc.tuple(...ats.map((_, at) => workload(at, whole)))),
        fc
          .array(fc.nat(), { maxLength: 4 })
          .chain((ats) => fc.tuple(...ats.map((_, at) => service(at, whole)))),
      )
      .chain(([pods, workloads, services]) =>
        fc
          .array(fc.nat(), { maxLength: 3 })
          .chain((ats) => fc.tuple(...ats.map((_, at) => strayObject(at, pods))))
          .map((strays): World => ({
            pods,
            // Two StatefulSets cannot have one name.
            workloads: workloads.filter(
              ({ name }, at) => workloads.findIndex((each) => each.name === name) === at,
            ),
            services,
            slices: strays.flatMap(({ slice }) => slice ?? []),
            endpoints: [
              ...new Map(
                strays
                  .flatMap(({ endpoints }) => endpoints ?? [])
                  .map((each) => [nameOf(each), each]),
              ).values(),
            ],
          })),
      ),
  )
  .map(founded);

/** Lets the workloads claim what they find, and from then on want just that. */
function founded(world: World): World {
  const open = world.workloads.map((each) => ({ ...each, replicas: -1 }));
  const claimed = settle({ ...world, workloads: open });
  const pods = claimed.pods.map((each) => {
    const kind = ownerOf(each)?.kind ?? '';
    return kind === 'StatefulSet' || kind === 'DaemonSet'
      ? withLabels(each, { ...labelsOf(each), [revisionLabel]: 'r1' })
      : each;
  });
  const workloads = world.workloads.map((each) => {
    const owned = pods.filter((one) => ownerOf(one)?.uid === each.uid);
    return { ...each, replicas: owned.length, template: owned[0] ? labelsOf(owned[0]) : {} };
  });
  const begun = settle({ ...claimed, workloads, pods });
  return {
    ...begun,
    pods: begun.pods.map((each) => ({
      ...each,
      metadata: { ...each.metadata, annotations: { born: labelText(labelsOf(each)) } },
    })),
  };
}
