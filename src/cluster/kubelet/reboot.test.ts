import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cluster } from '../launch/cluster.ts';
import type { Level } from '../network/index.ts';
import { levelsHere, TestNode } from './test-node.ts';

/** Starts the same cluster again and again on one journal; all is stopped with the test. */
async function kept(level: Level) {
  const parent = await mkdtemp(join(tmpdir(), 'pitstop-reboot-'));
  const given = new AsyncDisposableStack();
  given.defer(() => rm(parent, { recursive: true, force: true }));
  onTestFinished(() => given.disposeAsync());
  const name = `reboot-${randomBytes(4).toString('hex')}`;
  const start = async () => {
    const dataDirectory = join(parent, 'journal');
    const options = { name, level, dataDirectory, directory: join(parent, name), nodes: 1 };
    const cluster = given.use(await Cluster.start(options));
    return { cluster, node: TestNode.of(cluster) };
  };
  return start;
}

const SLEEP = ['sh', '-c', 'echo begun; trap "exit 0" TERM; while :; do sleep 0.1; done'];
const ONCE = {
  restartPolicy: 'Never',
  containers: [{ name: 'box', image: 'host', command: ['true'] }],
};

describe.each(levelsHere)('at level $title', ({ level, refusal }) => {
  it.skipIf(refusal !== undefined)(
    'Pods that ran when the node went down run again, those that were done stay done',
    { timeout: 60_000 },
    async () => {
      const start = await kept(level);
      const first = await start();
      const initContainers = [{ name: 'init', image: 'host', command: ['true'] }];
      const containers = [{ name: 'box', image: 'host', command: SLEEP }];
      await first.node.run('runs', { initContainers, containers });
      await first.node.run('done', ONCE);
      await first.node.run('never', { restartPolicy: 'Never', containers });
      await first.node.ready('runs');
      await first.node.ready('never');
      const done = await first.node.until('done', ({ status }) => status?.phase === 'Succeeded');
      await first.cluster[Symbol.asyncDispose]();

      const second = await start();
      const isAgain = ({ status }: Pod) =>
        status?.containerStatuses?.[0]?.restartCount === 1 && status.containerStatuses[0].ready;
      const pod = await second.node.until('runs', isAgain);
      expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
        exitCode: 255,
        reason: 'Unknown',
      });
      expect(pod.status?.initContainerStatuses?.[0]).toMatchObject({
        restartCount: 1,
        state: { terminated: { exitCode: 0 } },
      });
      expect(await second.node.log('runs')).toBe('begun\n');
      expect((await second.node.pod('done')).status).toEqual(done.status);
      const never = await second.node.until('never', ({ status }) => status?.phase === 'Failed');
      expect(never.status?.containerStatuses?.[0]?.restartCount).toBe(0);
      await second.node.delete('done');
      await second.node.gone('done');
    },
  );
});
