import type { Pod } from 'kubernetes-types/core/v1.js';
import { isolatePod, restorePods, type RestoreRequest } from '../../../src/engine/index.ts';
import { connect, type Kube } from '../../../src/kube/index.ts';
import { pitstop } from '../pitstop.ts';
import { readyPods } from '../my-api.ts';
import { awaitSettled } from '../settled.ts';
import { deploySmallApp } from '../small-app.ts';
import { until } from '../until.ts';
import type { Place } from './combination.ts';
import { asBefore, type Lane, type Scenario } from './scenario.ts';

interface Observer {
  /** Of an administrator, who looks on and deploys. */
  readonly kube: Kube;
  /** A kubeconfig of whoever restores. */
  readonly bob: string;
  readonly bin: string;
}

const work = ['--', 'sh', '-c', 'echo hi; sleep 0.1'];

/** Every Pod of a Deployment in turn, by route `label`. */
export function fleet({ kube, bob, bin }: Observer): Scenario {
  return {
    name: 'run --all',
    deploy: (namespace) => deploy(kube, namespace, 'label'),
    words: ({ namespace }) =>
      ['run', 'deploy/web', '-n', namespace, '--all', '--settle=50ms', '-O', '/tmp/'].concat(work),
    async restore({ namespace }) {
      const args = ['restore', '--all', '-n', namespace, '-o', 'json', '--progress=none'];
      const { code, stdout, stderr } = await pitstop(args, { kubeconfig: bob, bin });
      if (code !== 0) throw new Error(`restore --all ended with ${code}: ${stderr}`);
      const { items } = JSON.parse(stdout) as { readonly items: readonly unknown[] };
      return items.length > 0;
    },
    settle: (lane) => asBefore(kube, lane),
  };
}

/** The Pod that was worked on goes, and its replacement stays; killed before it is gone, it may come home. */
export function keepReplacement({ kube, bob }: Observer): Scenario {
  return {
    name: '--keep=replacement',
    deploy: (namespace) => deploy(kube, namespace, 'release'),
    words: ({ namespace, pod }) =>
      ['run', pod, '-n', namespace, '--keep=replacement', '--settle=50ms', '-O', '-'].concat(work),
    restore: ({ namespace }) => restoreAll(bob, { namespace }),
    settle: (lane) => homeOrReplaced(kube, lane),
  };
}

/** A Pod whose workload was scaled down while it was out: nobody wants it back, and it is deleted. */
export function deleteUnwanted({ kube, bob }: Observer): Scenario {
  const scale = (namespace: string, replicas: number) =>
    kube.patch(
      { resource: 'deployments', namespace, name: 'web' },
      { spec: { replicas } },
      { type: 'merge' },
    );
  return {
    name: '--when-unwanted=delete',
    deploy: (namespace) => deploy(kube, namespace, 'release'),
    async prepare({ namespace, pod }) {
      await isolatePod(kube, { target: pod, namespace, settleMs: 50 });
      await readyPods(kube, namespace, 3);
      await scale(namespace, 1);
      await readyPods(kube, namespace, 2);
      await awaitSettled(kube, namespace, { deployment: 'web', service: 'web', replicas: 1 });
    },
    words: ({ namespace, pod }) => ['restore', pod, '-n', namespace, '--when-unwanted=delete'],
    restore: ({ namespace }) => restoreAll(bob, { namespace, whenUnwanted: 'delete' }),
    async settle({ namespace, pod }) {
      const [left] = await readyPods(kube, namespace, 1);
      if (left?.metadata?.name === pod) throw new Error(`${pod} is the one that stayed`);
      await scale(namespace, 2);
      return await settled(kube, namespace);
    },
  };
}

async function deploy(kube: Kube, namespace: string, route: 'label' | 'release'): Promise<Place> {
  const { pods } = await deploySmallApp(kube, { namespace, route });
  await olderThanAnyToCome(kube, namespace);
  return { namespace, pod: pods[0] ?? '' };
}

/** Creation times are whole seconds: a replacement must be told from its siblings by them. */
async function olderThanAnyToCome(kube: Kube, namespace: string): Promise<void> {
  const pods = await readyPods(kube, namespace, 2);
  await until('the Pods to be older than any replacement', async () =>
    pods.every(({ metadata }) => Date.now() - Date.parse(metadata?.creationTimestamp ?? '') > 1000),
  );
}

async function restoreAll(
  kubeconfig: string,
  request: Pick<RestoreRequest, 'namespace' | 'whenUnwanted'>,
): Promise<boolean> {
  await using kube = await connect({ kubeconfig });
  const sessions = await restorePods(kube, { ...request, all: true });
  for (const { status } of sessions) {
    if (status.phase !== 'Succeeded' || status.podOut) throw new Error(JSON.stringify(status));
  }
  return sessions.length > 0;
}

async function homeOrReplaced(kube: Kube, lane: Lane): Promise<Place> {
  const { namespace, pod } = lane;
  const found = await kube.get<Pod>({ resource: 'pods', namespace, name: pod });
  if (found && !found.metadata?.deletionTimestamp) return await asBefore(kube, lane);
  return await settled(kube, namespace);
}

/** Two Pods in service, of which none carries anything of a session. */
async function settled(kube: Kube, namespace: string): Promise<Place> {
  const pods = await readyPods(kube, namespace, 2);
  await awaitSettled(kube, namespace, { deployment: 'web', service: 'web', replicas: 2 });
  const left = pods.flatMap(({ metadata }) => Object.keys(metadata?.annotations ?? {}));
  if (left.length > 0) throw new Error(`annotations are left: ${left.join(', ')}`);
  await olderThanAnyToCome(kube, namespace);
  const [oldest] = pods.map(({ metadata }) => metadata?.name ?? '').toSorted();
  return { namespace, pod: oldest ?? '' };
}
