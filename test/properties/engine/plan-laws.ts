import fc from 'fast-check';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { PitstopError } from '../../../src/engine/errors.ts';
import { decide } from '../../../src/engine/plan/decide.ts';
import type { Plan } from '../../../src/engine/plan/plan.ts';
import { arbitraryWorld } from './arbitrary-world.ts';
import { bringHome, snapshotOf, takeOut } from './model-session.ts';
import { isTakeable, nameOf, othersOf, ownerOf, type World } from './model-world.ts';

const asked = [undefined, 'label', 'gate', 'release', 'selector'] as const;

/**
 * Generates worlds, plans in each by every route, carries the plan out and takes it back. Answers how
 * often each route was taken; throws for the first world in which a law does not hold.
 */
export function checkPlans(worlds: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  fc.assert(
    fc.property(arbitraryWorld, (world) => {
      for (const route of asked) {
        const plan = planFor(world, route);
        count(`${route ?? 'any'} → ${plan?.status.route.name ?? 'no route'}`);
        if (!plan) continue;
        if (plan.status.entries.length > 0) count('entries');
        const { world: out, record } = takeOut(world, plan);
        isOut(world, out, plan);
        isNotEmptied(world, out, plan);
        // The owner would rather remove a Pod that is not Ready than the replacement.
        if (plan.status.route.name === 'release' && hasUnready(world)) continue;
        expect(bringHome(out, record)).toEqual(world);
        count('brought home');
      }
    }),
    { numRuns: worlds },
  );
  return counts;
}

/** The plan for `web-0`, or undefined where there is no way. */
function planFor(world: World, route: (typeof asked)[number]): Plan | undefined {
  const request = { target: 'web-0', namespace: 'shop', route };
  try {
    return decide(snapshotOf(world, 'web-0'), request, 'none');
  } catch (error) {
    // A forced gate that a Service would not look at is refused by its interlock at once.
    const refusals: readonly string[] = ['no-route', 'interlock'];
    if (error instanceof PitstopError && refusals.includes(error.code)) return undefined;
    throw error;
  }
}

/** No slice leads to the Pod; it lives, with the owner it had, or on route `release` with none. */
function isOut(world: World, out: World, plan: Plan): void {
  const before = podOf(world);
  const pod = podOf(out);
  expect(isTakeable(out, addressesOf(before))).toBe(false);
  expect(pod?.metadata?.uid).toBe(before?.metadata?.uid);
  const released = plan.status.route.name === 'release';
  expect(pod && ownerOf(pod)?.uid).toBe(released || !before ? undefined : ownerOf(before)?.uid);
}

/** A Service that loses its last endpoint does so only under interlock `last-endpoint`. */
function isNotEmptied(world: World, out: World, { status }: Plan): void {
  const own = addressesOf(podOf(world));
  for (const service of world.services.map(nameOf)) {
    const had = othersOf(world, service, []) - othersOf(world, service, own);
    if (had === 0 || othersOf(out, service, own) > 0) continue;
    expect(status.interlocks).toContainEqual(
      expect.objectContaining({ name: 'last-endpoint', object: `service/${service}` }),
    );
  }
}

function podOf(world: World): Pod | undefined {
  return world.pods.find((pod) => nameOf(pod) === 'web-0');
}

function addressesOf(pod: Pod | undefined): readonly string[] {
  return (pod?.status?.podIPs ?? []).map(({ ip }) => ip ?? '');
}

function hasUnready({ pods }: World): boolean {
  return pods.some(
    ({ status }) =>
      !status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'),
  );
}
