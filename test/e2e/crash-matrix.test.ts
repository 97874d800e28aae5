import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useCluster } from '../support/cluster.ts';
import { crashEverywhere, summarizeCrashes } from '../support/crash/matrix.ts';
import { pinPitstop } from '../support/pitstop.ts';
import { usersWithRole } from '../support/role.ts';

const world = useCluster();

// A sample of test/matrix/crash-matrix.test.ts: on one owner each sixth instant, `run` and `restore` alike.
it(
  'restore by another user brings the world back, whatever instant kill -9 comes at',
  { timeout: 600_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pitstop-pinned-'));
    await using held = new AsyncDisposableStack();
    held.defer(() => rm(directory, { recursive: true }));
    const bin = await pinPitstop(directory);
    const reports = await Promise.all(
      (['release', 'selector'] as const).map(async (route) => {
        const users = await usersWithRole(world.cluster, route, ['alice', 'bob']);
        const crew = { kube: world.kube, bin, lanes: 3, ...users };
        return await crashEverywhere(
          { ...crew, pick: (points) => points.filter((_, at) => at % 6 === 0) },
          { route, owner: 'Deployment' },
        );
      }),
    );
    process.stdout.write(`${summarizeCrashes(reports)}\n`);
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  },
);
