import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Namespace, Node, NodeList, Pod } from 'kubernetes-types/core/v1.js';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  clusterStatus,
  listClusters,
  readCluster,
  Cluster,
  startDetached,
  stopCluster,
} from '../index.ts';
import { type Level, levels as allLevels } from '../network/index.ts';
import { chooseIsolation } from './isolation.ts';
import { childrenOf, identify } from './process-identity.ts';
import { type ClusterRecord, clusterDirectory } from './record.ts';
import { call, leftOf, type Traces, tracesOf } from './test-traces.ts';

const { level: best } = await chooseIsolation('auto');
// The slow run goes through all; of the others `loopback` is the one without a PID namespace's help.
const quick: readonly Level[] = [best, 'loopback'];
const levels = await Promise.all(
  (process.env['PITSTOP_TEST_LEVELS'] === 'all'
    ? allLevels
    : allLevels.filter((level) => quick.includes(level))
  ).map(async (level) => ({
    level,
    skip: await chooseIsolation(level).then(
      () => false,
      () => true,
    ),
  })),
);

beforeEach(async () => {
  const home = await mkdtemp(join(tmpdir(), 'pitstop-state-'));
  vi.stubEnv('XDG_STATE_HOME', home);
  return async () => {
    vi.unstubAllEnvs();
    await rm(home, { recursive: true });
  };
});

/** A process that holds a cluster with a busy Pod and lets a test end either of them. */
async function hold(level: Level, name: string) {
  const program = `
    import { Cluster } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)};
    const cluster = await Cluster.start({ name: '${name}', level: '${level}' });
    console.log('ready');
    process.stdin.once('data', () => cluster.stop());
    await cluster.exited;
    console.log('exited');
    process.stdin.destroy();
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void holder.kill('SIGKILL'));
  const said: string[] = [];
  const lines = createInterface(holder.stdout).on('line', (line) => said.push(line));
  await once(lines, 'line');
  const record = (await readCluster(name))!;
  await runPod(record.kubeconfigPath);
  const [outermost] = childrenOf(holder.pid!);
  // Running says that the shell was started, not that it has started anything.
  await expect.poll(() => tracesOf(record.uid, outermost!).pids.length).toBeGreaterThan(3);
  return { holder, said, record, outermost: outermost!, traces: tracesOf(record.uid, outermost!) };
}

async function runPod(kubeconfig: string): Promise<void> {
  const pods = '/api/v1/namespaces/default/pods';
  const command = ['sh', '-c', 'setsid sleep 1000 & sleep 1001 & exec sleep 1002'];
  // For a cgroup, where there are any.
  const resources = { limits: { memory: '200Mi' } };
  await call(kubeconfig, pods, {
    method: 'POST',
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'busy' },
      spec: { containers: [{ name: 'main', image: 'host', command, resources }] },
    },
  });
  await expect
    .poll(() => call<Pod>(kubeconfig, `${pods}/busy`), { timeout: 20_000, interval: 50 })
    .toMatchObject({ status: { phase: 'Running' } });
}

async function expectNothingLeft(traces: Traces, record: ClusterRecord): Promise<void> {
  await expect.poll(() => leftOf(traces), { timeout: 30_000, interval: 20 }).toEqual([]);
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(record.server!).port) });
  expect(await once(socket, 'connect').catch((error: Error) => error)).toMatchObject({
    code: 'ECONNREFUSED',
  });
  // Files are removed by whoever is left: the holder, or the node.
  await expect.poll(() => existsSync(record.directory), { timeout: 30_000 }).toBe(false);
  expect(await readCluster(record.name)).toBeUndefined();
}

interface Held {
  readonly holder: ChildProcess;
  readonly record: ClusterRecord;
  readonly outermost: number;
}

const ends: Record<string, (held: Held) => unknown> = {
  'stop()': ({ holder }) => holder.stdin!.write('stop'),
  'Ctrl-C': ({ holder }) => process.kill(-holder.pid!, 'SIGINT'),
  'SIGTERM of the holder': ({ holder }) => holder.kill('SIGTERM'),
  'kill -9 of the holder': ({ holder }) => holder.kill('SIGKILL'),
  'kill -9 of the node': ({ record }) => process.kill(record.node!.pid, 'SIGKILL'),
  'kill -9 of the outermost process': ({ outermost }) => process.kill(outermost, 'SIGKILL'),
  'cluster stop': ({ record }) => stopCluster(record.name),
};

describe.each(levels)('level $level', ({ level, skip }) => {
  test.skipIf(skip).each(Object.keys(ends))('%s leaves nothing behind', async (end) => {
    const { holder, record, outermost, traces } = await hold(level, 'ends');
    expect(traces.pids.length).toBeGreaterThan(3);
    await ends[end]!({ holder, record, outermost });
    if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit');
    await expectNothingLeft(traces, record);
  });

  test.skipIf(skip)('holder and node killed at once: the next start cleans up', async () => {
    const { holder, record, traces } = await hold(level, 'ends');
    process.kill(record.node!.pid, 'SIGSTOP');
    holder.kill('SIGKILL');
    process.kill(record.node!.pid, 'SIGKILL');
    await once(holder, 'exit');
    const next = await Cluster.start({ name: 'ends', level });
    await next.stop();
    expect(next.server).not.toBe(record.server);
    expect(await leftOf(traces)).toEqual([]);
  });

  test.skipIf(skip)('two clusters live side by side', async () => {
    await using one = await Cluster.start({ name: 'one', level });
    await using two = await Cluster.start({ name: 'two', level });
    await Promise.all([runPod(one.kubeconfigPath), runPod(two.kubeconfigPath)]);
    expect((await listClusters()).map(({ name }) => name)).toEqual(['one', 'two']);
    await one.stop();
    expect(await clusterStatus('one')).toEqual({ name: 'one', phase: 'stopped' });
    expect(await clusterStatus('two')).toMatchObject({ phase: 'running' });
    const { items } = await call<{ items: Node[] }>(two.kubeconfigPath, '/api/v1/nodes');
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['two-1', 'two-2']);
  });

  test.skipIf(skip)('a detached cluster outlives its starter and is stopped by name', async () => {
    const record = await startDetached({ name: 'kept', level });
    const traces = tracesOf(record.uid, record.holder.pid);
    onTestFinished(async () => {
      await stopCluster('kept').catch(() => {});
    });
    await expect(startDetached({ name: 'kept', level })).rejects.toMatchObject({
      code: 'already-running',
      message: 'cluster kept is already running',
    });
    expect(await clusterStatus('kept')).toMatchObject({ phase: 'running', record });
    expect(await readFile(join(record.directory, 'cluster.log'), 'utf8')).toContain('"msg"');
    await stopCluster('kept');
    expect(identify(record.holder.pid)).toBeUndefined();
    expect(await leftOf(traces)).toEqual([]);
    expect(existsSync(record.directory)).toBe(false);
    await expect(stopCluster('kept')).rejects.toMatchObject({ code: 'not-running' });
  });
});

test('the node is Ready when the call returns', async () => {
  await using cluster = await Cluster.start({ name: 'cold' });
  const { items } = await call<{ items: Node[] }>(cluster.kubeconfigPath, '/api/v1/nodes');
  expect(items[0]?.status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'Ready', status: 'True' }),
  );
});

test('a cluster that is aborted while it starts leaves nothing behind', async () => {
  for (const afterMs of [0, 20, 60, 120, 200]) {
    const signal = AbortSignal.timeout(afterMs);
    const started = Cluster.start({ name: 'aborted', signal });
    const outcome = await started.then(
      ({ exited }) => exited,
      (error: Error) => error.name,
    );
    expect(outcome).toSatisfy((one) => one === 'TimeoutError' || typeof one === 'object');
    expect(existsSync(clusterDirectory('aborted'))).toBe(false);
  }
});

test('a port that is taken is refused before anything starts', async () => {
  const taken = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  await expect(Cluster.start({ name: 'taken', apiPort: port })).rejects.toThrow(
    `port ${port} of 127.0.0.1 is taken`,
  );
  expect(existsSync(clusterDirectory('taken'))).toBe(false);
});

test('a data directory brings the objects and the kubeconfig over a restart', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'pitstop-data-'));
  onTestFinished(() => rm(dataDirectory, { recursive: true }));
  const options = { name: 'kept', dataDirectory, nodes: 1, kubernetesVersion: '1.30.4' };
  const first = await Cluster.start(options);
  const uidIn = async ({ kubeconfigPath }: Cluster) =>
    (await call<Namespace>(kubeconfigPath, '/api/v1/namespaces/default')).metadata?.uid;
  const uid = await uidIn(first);
  await first.stop();
  await using second = await Cluster.start(options);
  expect(second.kubeconfig).toBe(first.kubeconfig);
  expect(await uidIn(second)).toBe(uid);
  expect(await call(second.kubeconfigPath, '/version')).toMatchObject({ minor: '30' });
  expect((await call<NodeList>(second.kubeconfigPath, '/api/v1/nodes')).items).toHaveLength(1);
});

test.each([
  [{ nodes: 0 }, 'a cluster cannot have 0 nodes'],
  [{ kubernetesVersion: '1.12' }, 'cannot answer as Kubernetes 1.12'],
])('%o is refused', async (options, message) => {
  await expect(Cluster.start({ name: 'refused', ...options })).rejects.toThrow(message);
});
