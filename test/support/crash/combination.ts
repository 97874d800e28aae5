import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import {
  createPlan,
  type InterlockName,
  type PitstopError,
  type RouteName,
} from '../../../src/engine/index.ts';
import { routes } from '../../../src/engine/routes/index.ts';
import type { Kube } from '../../../src/kube/index.ts';
import { until } from '../until.ts';
import { deployWorkload, ownerKinds, type Means, type OwnerKind } from '../workload.ts';

type RouteOut = Exclude<RouteName, 'none'>;

export interface Combination {
  readonly route: RouteOut;
  readonly owner: OwnerKind;
  /** The Pod is listed by hand as well: in a slice and in Endpoints of Services without a selector. */
  readonly byHand?: boolean;
}

/** Every route there is. */
export const routeNames = Object.keys(routes).filter((name) => name !== 'none') as RouteOut[];

/** What lets a route be the one that is taken. */
const means: Readonly<Partial<Record<RouteName, Means>>> = {
  label: { trafficLabel: true },
  gate: { gates: ['pitstop.dev/in-service'] },
};

/** A Pod that is to be taken out, in a namespace of its own. */
export interface Place {
  readonly namespace: string;
  readonly pod: string;
}

export async function deployCombination(
  kube: Kube,
  { route, owner, byHand }: Combination,
  namespace: string,
): Promise<Place> {
  const { pods } = await deployWorkload(kube, {
    namespace,
    owner,
    means: means[route] ?? {},
    // Who restores looks for the first new connection: without any he looks for three seconds.
    serves: true,
  });
  const [pod = ''] = pods;
  if (byHand) await listByHand(kube, namespace, pod);
  return { namespace, pod };
}

/** What is done with; its apps and their probes would only slow down what comes next. */
export async function removePlace(kube: Kube, { namespace }: Place): Promise<void> {
  await kube.delete({ resource: 'namespaces', name: namespace });
}

/** Each with an address of nobody beside the Pod's: an object that lists nobody is deleted, or mirrored anew. */
async function listByHand(kube: Kube, namespace: string, name: string): Promise<void> {
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
  const ip = pod?.status?.podIP ?? '';
  const spec = { ports: [{ name: 'http', port: 80, targetPort: 8080 }] };
  const ports = [{ name: 'http', port: 8080 }];
  for (const service of ['in-slice', 'in-endpoints']) {
    await kube.create<Service>('services', { metadata: { name: service, namespace }, spec });
  }
  await kube.create<EndpointSlice>('endpointslices', {
    metadata: {
      name: 'in-slice-1',
      namespace,
      labels: { 'kubernetes.io/service-name': 'in-slice' },
    },
    addressType: 'IPv4',
    ports,
    endpoints: [{ addresses: [elsewhere] }, { addresses: [ip] }],
  });
  await kube.create<Endpoints>('endpoints', {
    metadata: { name: 'in-endpoints', namespace },
    subsets: [{ addresses: [{ ip }, { ip: elsewhere }], ports }],
  });
  await until('the Endpoints to be mirrored', async () => {
    const labelSelector = 'kubernetes.io/service-name=in-endpoints';
    const mirrors = await kube.list<EndpointSlice>('endpointslices', { namespace, labelSelector });
    return mirrors.flatMap(({ endpoints }) => endpoints).length === 2;
  });
}

/** RFC 5737: of no Pod. */
const elsewhere = '192.0.2.7';

/** Which interlocks have to be overridden for a Pod of that owner to go by that route, or why it cannot. */
export async function askPlan(
  kube: Kube,
  { route }: Combination,
  { namespace, pod }: Place,
): Promise<{ readonly overrides: readonly InterlockName[] } | { readonly impossible: string }> {
  try {
    const { status } = await createPlan(kube, { target: pod, namespace, route });
    return { overrides: status.interlocks.map(({ name }) => name) };
  } catch (error) {
    const { code, message } = error as PitstopError;
    if (code !== 'no-route') throw error;
    return { impossible: message };
  }
}

export function combinationsOf(route: RouteOut): readonly Combination[] {
  return ownerKinds.map((owner) => ({ route, owner }));
}
