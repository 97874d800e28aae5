import fc from 'fast-check';
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { RouteName } from '../../../src/engine/index.ts';
import type { Kube } from '../../../src/kube/index.ts';
import { routeNames } from '../../support/crash/combination.ts';
import { until } from '../../support/until.ts';
import { deployWorkload, ownerKinds, type OwnerKind } from '../../support/workload.ts';

/** One Service beside `web`. */
type Way =
  | {
      readonly kind: 'selecting';
      readonly selector: Readonly<Record<string, string>>;
      readonly headless: boolean;
      readonly publishNotReady: boolean;
      readonly namedPort: boolean;
    }
  /** Without a selector: its slices or its Endpoints are written by hand, and list the Pod. */
  | {
      readonly kind: 'by-hand';
      readonly as: 'slices' | 'endpoints';
      readonly slices: 1 | 2;
      /** Another address beside the Pod's, before or after it. */
      readonly other: 'none' | 'before' | 'after';
      readonly targetRef: boolean;
    };

export interface GeneratedWorld {
  readonly owner: OwnerKind;
  readonly trafficLabel: boolean;
  readonly gated: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly ways: readonly Way[];
  /** Forced; undefined = as the plan chooses. */
  readonly route: Exclude<RouteName, 'none'> | undefined;
}

const labels = { tier: 'front', track: 'stable', zone: 'a' } as const;
const selector = fc
  .subarray(['app', 'tier', 'track', 'traffic'] as const, { minLength: 1 })
  .map((keys) => Object.fromEntries(keys.map((key) => [key, valueOf(key)])));

function valueOf(key: 'app' | 'tier' | 'track' | 'traffic'): string {
  return key === 'app' ? 'web' : key === 'traffic' ? 'on' : labels[key];
}

const way: fc.Arbitrary<Way> = fc.oneof(
  fc.record({
    kind: fc.constant('selecting' as const),
    selector,
    headless: fc.boolean(),
    publishNotReady: fc.boolean(),
    namedPort: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('by-hand' as const),
    as: fc.constantFrom('slices', 'endpoints'),
    slices: fc.constantFrom(1, 2),
    other: fc.constantFrom('none', 'before', 'after'),
    targetRef: fc.boolean(),
  }),
);

/** Worlds of Pods that may leave by any route, or by none. */
export const generatedWorld: fc.Arbitrary<GeneratedWorld> = fc.record({
  owner: fc.constantFrom(...ownerKinds),
  trafficLabel: fc.boolean(),
  gated: fc.boolean(),
  labels: fc.constant(labels),
  ways: fc.array(way, { maxLength: 3 }),
  route: fc.option(fc.constantFrom(...routeNames), { nil: undefined }),
});

/** Makes the world in a namespace; answers the Pod that is to leave once everything lists what it will. */
export async function deployWorld(
  kube: Kube,
  namespace: string,
  { owner, trafficLabel, gated, labels: extra, ways }: GeneratedWorld,
): Promise<string> {
  const gates = gated ? ['pitstop.dev/in-service'] : [];
  const means = { trafficLabel, gates, labels: extra };
  const { pods } = await deployWorkload(kube, { namespace, owner, means });
  const name = pods[0] ?? '';
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
  if (!pod) throw new Error(`${namespace}/${name} has gone`);
  for (const [index, each] of ways.entries()) {
    await createWay(kube, { name: `way-${index}`, namespace }, each, pod);
  }
  await until(`every Service of ${namespace} to list what it selects`, async () => {
    const services = await kube.list<Service>('services', { namespace });
    const slices = await kube.list<EndpointSlice>('endpointslices', { namespace });
    const all = await kube.list<Endpoints>('endpoints', { namespace });
    return services.every(({ metadata, spec }) => {
      const own = slices.filter(
        (slice) => slice.metadata?.labels?.['kubernetes.io/service-name'] === metadata?.name,
      );
      const listed = own.flatMap(({ endpoints }) => endpoints ?? []).length;
      const old = all.find((endpoints) => endpoints.metadata?.name === metadata?.name);
      const isSelecting = spec?.selector !== undefined;
      if (!isSelecting) return listed > 0;
      const expected = matchesAll(spec?.selector, pod.metadata?.labels) ? 2 : 0;
      return listed === expected && (old?.subsets?.[0]?.addresses?.length ?? 0) === expected;
    });
  });
  return name;
}

function matchesAll(
  wanted: Readonly<Record<string, string>> = {},
  labelsNow: Readonly<Record<string, string>> = {},
): boolean {
  return Object.entries(wanted).every(([key, value]) => labelsNow[key] === value);
}

async function createWay(
  kube: Kube,
  key: { readonly name: string; readonly namespace: string },
  way: Way,
  pod: Pod,
): Promise<void> {
  if (way.kind === 'selecting') {
    await kube.create<Service>('services', {
      metadata: key,
      spec: {
        selector: way.selector,
        ...(way.headless && { clusterIP: 'None' }),
        publishNotReadyAddresses: way.publishNotReady,
        ports: [{ port: 80, targetPort: way.namedPort ? 'http' : 8080 }],
      },
    });
    return;
  }
  await kube.create<Service>('services', { metadata: key, spec: { ports: [{ port: 80 }] } });
  const { uid } = pod.metadata ?? {};
  const targetRef = { kind: 'Pod', name: pod.metadata?.name ?? '', namespace: key.namespace };
  const address = pod.status?.podIP ?? '';
  const mine = way.targetRef ? { targetRef: { ...targetRef, ...(uid && { uid }) } } : {};
  const around = <T>(self: T, other: T) =>
    way.other === 'none' ? [self] : way.other === 'before' ? [other, self] : [self, other];
  if (way.as === 'endpoints') {
    await kube.create<Endpoints>('endpoints', {
      metadata: key,
      subsets: [
        {
          addresses: around({ ip: address, ...mine }, { ip: '10.1.2.3' }),
          ports: [{ port: 8080 }],
        },
      ],
    });
    return;
  }
  for (let nth = 1; nth <= way.slices; nth += 1) {
    await kube.create<EndpointSlice>('endpointslices', {
      metadata: {
        name: `${key.name}-${nth}`,
        namespace: key.namespace,
        labels: { 'kubernetes.io/service-name': key.name },
      },
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: around<Endpoint>(
        { addresses: [address], ...mine },
        { addresses: ['10.1.2.3'], conditions: { ready: true } },
      ),
    });
  }
}
