import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Cluster } from '../../src/cluster/index.ts';
import { leftOf, type Traces, tracesOf } from '../../src/cluster/launch/test-traces.ts';
import { kubectl } from '../support/kubectl.ts';
import { until } from '../support/until.ts';

const CYCLES = 100;

it(`${CYCLES} starts and stops leave no process, mount, namespace, socket or file`, async () => {
  const parent = await mkdtemp(join(tmpdir(), 'pitstop-cycles-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    const directory = join(parent, `cycle-${cycle}`);
    const cluster = await Cluster.start({ name: 'cycle', directory });
    // Every tenth has something to clear away: a Pod that ignores SIGTERM and a volume.
    if (cycle % 10 === 0) await runPod(cluster.kubeconfigPath);
    const traces = await tracesOfCluster(cluster);
    await cluster.stop();
    expect({ cycle, left: await leftOf(traces) }).toEqual({ cycle, left: [] });
    expect(await refusesConnections(cluster.server)).toBe(true);
  }
  expect(await readdir(parent)).toEqual([]);
});

it('ten clusters at once in one process', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'pitstop-ten-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  await using stack = new AsyncDisposableStack();
  const clusters = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const name = `ten-${index}`;
      return stack.use(await Cluster.start({ name, directory: join(parent, name) }));
    }),
  );
  await Promise.all(clusters.map(({ kubeconfigPath }) => runPod(kubeconfigPath)));
  expect(new Set(clusters.map(({ server }) => server)).size).toBe(10);
});

async function runPod(kubeconfig: string): Promise<void> {
  const spec = {
    containers: [
      {
        name: 'stubborn',
        image: 'busybox',
        command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'],
        volumeMounts: [{ name: 'space', mountPath: '/space' }],
      },
    ],
    volumes: [{ name: 'space', emptyDir: {} }],
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stubborn' }, spec };
  await kubectl(kubeconfig, ['create', '-f', '-'], { input: JSON.stringify(pod) });
  await until('the Pod runs', async () => {
    const { stdout } = await kubectl(kubeconfig, ['get', 'pod', 'stubborn']);
    return stdout.includes('Running');
  });
}

/** The cluster's own record names the process that everything descends from. */
async function tracesOfCluster({ directory }: Cluster): Promise<Traces> {
  const text = await readFile(join(directory, 'state.json'), 'utf8');
  const { uid, node } = JSON.parse(text) as { uid: string; node: { pid: number } };
  return tracesOf(uid, node.pid);
}

function refusesConnections(server: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server).port), '127.0.0.1');
    socket.once('connect', () => resolve(false));
    socket.once('error', () => resolve(true));
    socket.once('close', () => socket.destroy());
  });
}
