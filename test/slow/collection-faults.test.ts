import { expect, it } from 'vitest';
import { useCluster } from '../support/cluster.ts';
import { startBox } from '../support/collection/box.ts';
import { cutStreams } from '../support/collection/cut-streams.ts';
import { killClients } from '../support/collection/kill-clients.ts';
import { createRandom } from '../support/collection/random.ts';

// A sample of test/matrix/collection-faults.test.ts.
const world = useCluster({ nodes: 1 });
const random = createRandom();

it(`20 cut streams and two killed clients yield no corrupt file (PITSTOP_SEED=${random.seed})`, async () => {
  const { kube, cluster } = world;
  const { tally, struck } = await cutStreams(
    { kube, cluster, random },
    { count: 20, lanes: 2, stalls: 1, stallMs: 2_000, largestMebibytes: 17 },
  );
  expect(tally.problems).toEqual([]);
  expect(struck).toBe(20);
  const box = await startBox(kube, 'box');
  const kills = await killClients(
    { kube, kubeconfigPath: cluster.kubeconfigPath, random },
    { box, count: 2, sizeBytes: 32 * 1024 * 1024 },
  );
  expect(kills.problems).toEqual([]);
});
