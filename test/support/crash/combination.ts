import {
  createPlan,
  type InterlockName,
  type PitstopError,
  type RouteName,
} from '../../../src/engine/index.ts';
import { routes } from '../../../src/engine/routes/index.ts';
import type { Kube } from '../../../src/kube/index.ts';
import { deployWorkload, ownerKinds, type Means, type OwnerKind } from '../workload.ts';

type RouteOut = Exclude<RouteName, 'none'>;

export interface Combination {
  readonly route: RouteOut;
  readonly owner: OwnerKind;
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
  { route, owner }: Combination,
  namespace: string,
): Promise<Place> {
  const { pods } = await deployWorkload(kube, {
    namespace,
    owner,
    means: means[route] ?? {},
    // Who restores looks for the first new connection: without any he looks for three seconds.
    serves: true,
  });
  return { namespace, pod: pods[0] ?? '' };
}

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
