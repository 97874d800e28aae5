import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.ts';
import { combinationsOf, routeNames } from '../support/crash/combination.ts';
import {
  crashEverywhere,
  nameWay,
  summarizeCrashes,
  type Crew,
  type CrashPoint,
  type CrashReport,
} from '../support/crash/matrix.ts';
import { pinPitstop } from '../support/pitstop.ts';
import { usersWithRole } from '../support/role.ts';

const world = useCluster();
const reports: CrashReport[] = [];
let crew: Omit<Crew, 'alice' | 'bob'>;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-pinned-'));
  const bin = await pinPitstop(directory);
  crew = { kube: world.kube, bin, lanes: 2 };
  return () => rm(directory, { recursive: true });
});

afterAll(() => {
  process.stdout.write(`${summarizeCrashes(reports)}\n`);
});

/**
 * Every write of every owner. The events of a route are dealt out among its owners, so that each of
 * them is an instant on one owner at least; `PITSTOP_CRASH_MATRIX=all` tries all on all.
 */
function pickFor(owner: number): (points: readonly CrashPoint[]) => readonly CrashPoint[] {
  if (process.env['PITSTOP_CRASH_MATRIX'] === 'all') return (points) => points;
  return (points) => {
    let events = owner;
    return points.filter(({ instant }) => !instant.startsWith('event ') || events++ % 4 === 0);
  };
}

describe.each(routeNames)('route %s: whatever instant kill -9 comes at', (route) => {
  it('restore by another user from another process brings the world back', async () => {
    const users = await usersWithRole(world.cluster, route, ['alice', 'bob']);
    const done = await Promise.all(
      combinationsOf(route).map((each, index) =>
        crashEverywhere({ ...crew, ...users, pick: pickFor(index) }, each),
      ),
    );
    reports.push(...done);
    for (const { combination, restored, untouched, missed, impossible } of done) {
      const what = impossible ?? `${restored + untouched} kills, missed ${missed.join('; ')}`;
      process.stdout.write(`  ${nameWay(combination)}: ${what}\n`);
    }
    expect(done.flatMap(({ failures }) => failures)).toEqual([]);
  });

  it('also where a slice and Endpoints made by hand list the Pod', async () => {
    const needs = { editsEntries: true };
    const users = await usersWithRole(world.cluster, route, ['alice', 'bob'], needs);
    const combination = { route, owner: 'Deployment', byHand: true } as const;
    // Each write, and of the events those that the other owners have not been dealt.
    const done = await crashEverywhere({ ...crew, ...users, pick: pickFor(3) }, combination);
    reports.push(done);
    const { restored, untouched, missed, impossible } = done;
    const what = impossible ?? `${restored + untouched} kills, missed ${missed.join('; ')}`;
    process.stdout.write(`  ${nameWay(combination)}: ${what}\n`);
    expect(done.failures).toEqual([]);
  });
});
