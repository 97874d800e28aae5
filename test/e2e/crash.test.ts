import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { useCluster } from '../support/cluster.ts';
import { deployMyApi, readyPods } from '../support/my-api.ts';
import { pitstop, startPitstop } from '../support/pitstop.ts';
import { hasTools } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();

describe('a run that is killed with -9', () => {
  it.skipIf(!hasTools('java', 'jcmd'))(
    'in the middle of the heap dump is undone by restore from a fresh process',
    { timeout: 120_000 },
    async () => {
      const { kube, cluster } = world;
      const { namespace, pods } = await deployMyApi(kube, {
        namespace: 'killed',
        runtime: 'jvm',
        heapMb: 150,
      });
      const pod = pods[0]?.metadata?.name ?? '';
      const before = await readWorld(kube, namespace);

      const run = startPitstop(['run', pod, '-n', namespace, '--progress=json', '-O', '-'], {
        kubeconfig: cluster.kubeconfigPath,
        onStderr: (chunk) => {
          // Of how much is written it tells once there is a file.
          if (/"diagnose".*"doneBytes":[1-9]/.test(chunk)) run.child.kill('SIGKILL');
        },
      });
      expect((await run.done).signal).toBe('SIGKILL');
      const held = await kube.get<Pod>({ resource: 'pods', namespace, name: pod });
      expect(held?.metadata?.labels).not.toHaveProperty('app');

      const restored = await pitstop(['restore', pod, '-n', namespace, '-o', 'json'], {
        kubeconfig: cluster.kubeconfigPath,
      });
      expect(restored).toMatchObject({ code: 0 });
      expect(JSON.parse(restored.stdout)).toMatchObject({
        kind: 'Session',
        spec: { pod },
        status: {
          phase: 'Succeeded',
          podOut: false,
          warnings: [expect.stringMatching(/left \/\S+\/pitstop-\w{8} \(\d+ MiB\)/)],
        },
      });
      await readyPods(kube, namespace, 2);

      const [, left = ''] = /left (\S+) \(/.exec(restored.stdout) ?? [];
      const { stdout: names } = await kube.execText({
        namespace,
        pod,
        container: 'my-api',
        command: ['ls', left],
      });
      const dump = names.split('\n').find((name) => name.endsWith('.hprof'));
      const home = await mkdtemp(join(tmpdir(), 'pitstop-collect-'));
      onTestFinished(() => rm(home, { recursive: true, force: true }));
      const collected = await pitstop(
        ['collect', pod, `${left}/${dump}`, '-n', namespace, '-O', `${home}/`, '-o', 'json'],
        { kubeconfig: cluster.kubeconfigPath },
      );
      expect(collected).toMatchObject({ code: 0 });
      expect(JSON.parse(collected.stdout).status).toMatchObject({
        phase: 'Succeeded',
        artifact: { format: 'hprof', verified: true, remoteRemoved: true },
      });
      await until('the world to read as before', async () => {
        expect(await readWorld(kube, namespace)).toEqual(before);
        return true;
      });
    },
  );
});
