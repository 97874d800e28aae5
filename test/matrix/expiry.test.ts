import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import { restorePods, type DoctorReport, type Session } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { pitstop, startPitstop, type PitstopProcess } from '../support/pitstop.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';

const world = useCluster();
const recordAnnotation = 'pitstop.dev/session';

/** Starts a stop of one Pod whose work never ends; resolves once the Pod is out and being worked on. */
async function startEndless(namespace: string, pod: string): Promise<PitstopProcess> {
  const { kubeconfigPath: kubeconfig } = world.cluster;
  const working = Promise.withResolvers<void>();
  const args = ['run', pod, '-n', namespace, '--progress=json', '--', 'sleep', '100000'];
  const run = startPitstop(args, {
    kubeconfig,
    onStderr: (chunk) => {
      if (chunk.includes('"step":"diagnose"')) working.resolve();
    },
  });
  void run.done.then(({ stderr }) => working.reject(new Error(stderr)));
  await working.promise;
  return run;
}

async function recordOf(namespace: string, name: string): Promise<string | undefined> {
  const pod = await world.kube.get<Pod>({ resource: 'pods', namespace, name });
  return pod?.metadata?.annotations?.[recordAnnotation];
}

it(
  'tells a dead session from a living one by watching both for a lease, in every namespace',
  { timeout: 300_000 },
  async () => {
    const { kube, cluster } = world;
    const { kubeconfigPath: kubeconfig } = cluster;
    const app = { route: 'label', replicas: 2 } as const;
    const [first, second] = await Promise.all([
      deploySmallApp(kube, { namespace: 'expiry-one', ...app }),
      deploySmallApp(kube, { namespace: 'expiry-two', ...app }),
    ]);
    const [dead = ''] = first.pods;
    const [alive = ''] = second.pods;
    const killed = await startEndless(first.namespace, dead);
    killed.child.kill('SIGKILL');
    await killed.done;
    const running = await startEndless(second.namespace, alive);

    // Its renewal ends the waiting before the lease does.
    expect(
      await restorePods(kube, { namespace: second.namespace, pod: alive, expired: true }),
    ).toEqual([]);

    const restored = await pitstop(['restore', '--expired', '-A', '-o', 'json'], { kubeconfig });
    expect(restored).toMatchObject({ code: 0 });
    expect(restored.stderr).toMatch(
      /^watching for 60 s whether anybody renews the record of pod\//m,
    );
    const { items } = JSON.parse(restored.stdout) as { items: readonly Session[] };
    expect(items).toMatchObject([
      { metadata: { namespace: first.namespace }, spec: { pod: dead }, status: { podOut: false } },
    ]);
    expect(await recordOf(first.namespace, dead)).toBeUndefined();
    expect(await recordOf(second.namespace, alive)).toBeDefined();

    running.child.kill('SIGINT');
    expect(await running.done).toMatchObject({ code: 130 });
    expect(await recordOf(second.namespace, alive)).toBeUndefined();
  },
);

it(
  'a doctor brings home what a process left that was silent for two leases',
  { timeout: 300_000 },
  async () => {
    const { kube, cluster } = world;
    const { namespace, pods } = await deploySmallApp(kube, { namespace: 'silent', route: 'label' });
    const [pod = ''] = pods;
    const killed = await startEndless(namespace, pod);
    killed.child.kill('SIGKILL');
    await killed.done;
    const record = JSON.parse((await recordOf(namespace, pod)) ?? '{}') as object;
    const renewedAt = new Date(Date.now() - 600_000).toISOString();
    await kube.patch(
      { resource: 'pods', namespace, name: pod },
      {
        metadata: { annotations: { [recordAnnotation]: JSON.stringify({ ...record, renewedAt }) } },
      },
      { type: 'merge' },
    );
    const { code, stdout } = await pitstop(
      ['doctor', '-n', namespace, '--fix', '--yes', '-o', 'json'],
      { kubeconfig: cluster.kubeconfigPath },
    );
    const { status } = JSON.parse(stdout) as DoctorReport;
    expect(status.repairs).toMatchObject([
      { finding: { name: 'session-silent', object: `pod/${pod}` }, outcome: 'repaired' },
    ]);
    expect(code).toBe(0);
    await until(
      'the Pod has no record',
      async () => (await recordOf(namespace, pod)) === undefined,
    );
  },
);
