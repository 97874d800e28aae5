import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.ts';
import { crashScenario } from '../support/crash/scenario.ts';
import { deleteUnwanted, fleet, keepReplacement } from '../support/crash/scenarios.ts';
import { pinPitstop } from '../support/pitstop.ts';
import { usersWithRole } from '../support/role.ts';

const world = useCluster();
let bin = '';

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-pinned-'));
  bin = await pinPitstop(directory);
  return () => rm(directory, { recursive: true });
});

// What is more than one Pod there and back: several Pods in turn, and Pods that are not to come home.
it.each([
  { scenario: fleet, route: 'label', needs: { target: 'deployments' } },
  { scenario: keepReplacement, route: 'release', needs: { deletes: true } },
  { scenario: deleteUnwanted, route: 'release', needs: { deletes: true } },
] as const)(
  'whatever instant kill -9 comes at, restore by another user leaves nothing of $scenario.name',
  async ({ scenario, route, needs }) => {
    const { kube, cluster } = world;
    const { alice, bob } = await usersWithRole(cluster, route, ['alice', 'bob'], needs);
    const report = await crashScenario(
      { kube, alice, bin, lanes: 3 },
      scenario({ kube, bob, bin }),
    );
    const { name, restored, untouched, missed } = report;
    process.stdout.write(
      `  ${name}: ${restored + untouched} kills, ${restored} undone by restore, missed ${missed.join('; ')}\n`,
    );
    expect(report.failures).toEqual([]);
  },
);
