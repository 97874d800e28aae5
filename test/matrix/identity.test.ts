import fc from 'fast-check';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect, it } from 'vitest';
import {
  createPlan,
  isolatePod,
  restorePods,
  type PitstopError,
  type Plan,
} from '../../src/engine/index.ts';
import type { Kube } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';
import { differences } from '../support/world-difference.ts';
import { readWorld } from '../support/world.ts';
import { deployWorld, generatedWorld, type GeneratedWorld } from './identity/generated-world.ts';

const world = useCluster();
const worlds = 60;
const lanes = 8;
/** A failing run is made again with `PITSTOP_SEED`. */
const seed = Number(process.env['PITSTOP_SEED'] ?? Date.now() % 2 ** 31);

it('isolate, then restore, is the identity on every world', async () => {
  const open = [...fc.sample(generatedWorld, { numRuns: worlds, seed }).entries()];
  const ways = new Map<string, number>();
  const failures: string[] = [];
  async function lane(): Promise<void> {
    for (let next = open.shift(); next; next = open.shift()) {
      const [index, generated] = next;
      try {
        const way = await thereAndBack(`identity-${index}`, generated);
        ways.set(way, (ways.get(way) ?? 0) + 1);
      } catch (error) {
        const { message } = error as Error;
        failures.push(`world ${index} of seed ${seed}: ${JSON.stringify(generated)}\n${message}`);
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  const counts = [...ways].map(([way, count]) => `${count} ${way}`).join(', ');
  process.stdout.write(`identity: ${worlds} worlds of seed ${seed}: ${counts}\n`);
  expect(failures).toEqual([]);
});

/** By which route; `refused` where the plan refuses, and then nothing may have changed either. */
async function thereAndBack(namespace: string, generated: GeneratedWorld): Promise<string> {
  const { kube } = world;
  const pod = await deployWorld(kube, namespace, generated);
  const before = await readIdentity(kube, namespace);
  const { route } = generated;
  const request = { target: pod, namespace, route, settleMs: 50 };
  const plan = await planOf(request);
  const overrides = plan?.status.interlocks.map(({ name }) => name) ?? [];
  const refused = !plan || plan.status.interlocks.some(({ overridable }) => !overridable);
  if (refused) {
    const code = await refusalOf(isolatePod(kube, { ...request, overrides }));
    if (code !== 'no-route' && code !== 'interlock') throw new Error(`not refused but ${code}`);
    await awaitSame(kube, namespace, before, 0);
    return 'refused';
  }
  const isolated = await isolatePod(kube, { ...request, overrides });
  if (!isolated.status.podOut) throw new Error(`isolate: ${JSON.stringify(isolated.status)}`);
  const offering = await slicesThatOffer(namespace, pod);
  if (offering.length > 0) throw new Error(`still offered by ${offering.join(', ')}`);
  const [restored] = await restorePods(kube, { namespace, pod });
  if (restored?.status.phase !== 'Succeeded') {
    throw new Error(`restore: ${JSON.stringify(restored?.status)}`);
  }
  await awaitSame(kube, namespace, before);
  return plan.status.route.name;
}

/**
 * What must be the same again. The mirroring controller deletes its slice of an Endpoints that has no
 * address left, and makes another later: that one is told by what it lists.
 */
async function readIdentity(kube: Kube, namespace: string): Promise<Record<string, unknown>> {
  const all = Object.entries(await readWorld(kube, namespace)).map(([key, object]) => {
    const { metadata } = object as EndpointSlice;
    const { 'kubernetes.io/service-name': service, ...labels } = metadata?.labels ?? {};
    if (!JSON.stringify(labels).includes('endpointslicemirroring-controller')) return [key, object];
    const { name: _, uid: __, creationTimestamp: ___, ...rest } = metadata ?? {};
    return [`the mirror of ${service}`, { ...(object as object), metadata: rest }] as const;
  });
  return Object.fromEntries(all) as Record<string, unknown>;
}

async function awaitSame(
  kube: Kube,
  namespace: string,
  before: Readonly<Record<string, unknown>>,
  timeoutMs = 20_000,
): Promise<void> {
  await until(
    'the world to read as before',
    async () => {
      const lines = differences(before, await readIdentity(kube, namespace));
      if (lines.length === 0) return true;
      throw new Error(`the world does not read as before:\n${lines.join('\n')}`);
    },
    timeoutMs,
  );
}

function refusalOf(session: Promise<unknown>): Promise<string> {
  return session.then(
    () => 'done',
    (error: PitstopError) => error.code,
  );
}

async function planOf(request: Parameters<typeof createPlan>[1]): Promise<Plan | undefined> {
  try {
    return await createPlan(world.kube, request);
  } catch (error) {
    if (['no-route', 'interlock'].includes((error as PitstopError).code)) return undefined;
    throw error;
  }
}

/** Looked at with our own eyes, not with the engine's: by address, ready or serving. */
async function slicesThatOffer(namespace: string, name: string): Promise<readonly string[]> {
  const pod = await world.kube.get<Pod>({ resource: 'pods', namespace, name });
  const addresses = new Set((pod?.status?.podIPs ?? []).map(({ ip }) => ip));
  const slices = await world.kube.list<EndpointSlice>('endpointslices', { namespace });
  return slices
    .filter(({ endpoints }) =>
      (endpoints ?? []).some(
        ({ addresses: listed, conditions }) =>
          listed.some((address) => addresses.has(address)) &&
          (conditions?.ready !== false || conditions.serving === true),
      ),
    )
    .map(({ metadata }) => metadata?.name ?? '');
}
