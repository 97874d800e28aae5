import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  isolatePod,
  restorePods,
  runSession,
  type RestoreRequest,
  type Session,
  type SessionRequest,
} from '../../src/engine/index.ts';
import { unmarkReplacements } from '../../src/engine/routes/release/mark-replacement.ts';
import { useCluster } from '../support/cluster.ts';
import { kubectl } from '../support/kubectl.ts';
import { readyPods } from '../support/my-api.ts';
import { deploySmallApp, nameOf, type SmallApp } from '../support/small-app.ts';
import { namespaceName } from '../support/target-cluster.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
let output = '';
beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'pitstop-homecoming-'));
});
afterAll(() => rm(output, { recursive: true }));

const cost = 'controller.kubernetes.io/pod-deletion-cost';
const podRef = (namespace: string, name: string) =>
  ({ resource: 'pods', namespace, name }) as const;

async function run(
  { namespace, pods }: SmallApp,
  request: Partial<SessionRequest>,
  during: () => Promise<unknown> = async () => {},
): Promise<Session> {
  let begun = false;
  return await runSession(
    world.user,
    {
      target: pods[0] ?? '',
      namespace,
      command: ['sh', '-c', 'sleep 1; echo evidence'],
      settleMs: 50,
      restoreTimeoutMs: 60_000,
      output: `${output}/`,
      ...request,
    },
    {
      onEvent: (event) => {
        if (begun || event.type !== 'step-started' || event.step !== 'diagnose') return;
        begun = true;
        void during();
      },
    },
  );
}

async function isolate(namespace: string, pod: string): Promise<void> {
  const { status } = await isolatePod(world.user, { target: pod, namespace, settleMs: 50 });
  expect(status).toMatchObject({ phase: 'Isolated', route: { name: 'release' } });
}

async function restore(
  namespace: string,
  pod: string,
  request: Partial<RestoreRequest> = {},
): Promise<Session> {
  const options = { namespace, pod, restoreTimeoutMs: 60_000, ...request };
  const [session] = await restorePods(world.user, options);
  if (!session) throw new Error(`nothing of ${pod} was restored`);
  return session;
}

async function podNames(namespace: string, count: number): Promise<readonly string[]> {
  return (await readyPods(world.kube, namespace, count))
    .map(nameOf)
    .toSorted((a, b) => a.localeCompare(b));
}

async function run1(namespace: string, ...args: readonly string[]): Promise<void> {
  const result = await kubectl(world.kubeconfigPath, ['-n', namespace, ...args]);
  expect({ args, ...result }).toMatchObject({ args, code: 0 });
}

describe.concurrent('whom the owner sends away', () => {
  it('the replacement, also when a sibling was born in the same second', async () => {
    const namespace = namespaceName('same-second');
    const { pods } = await deploySmallApp(world.kube, { namespace, replicas: 2 });
    await run1(namespace, 'scale', 'deployment/web', '--replicas=3');
    const before = await podNames(namespace, 3);
    await isolate(namespace, pods[0] ?? '');
    await podNames(namespace, 4);
    const { status } = await restore(namespace, pods[0] ?? '');
    expect(status.error).toBeUndefined();
    expect(await podNames(namespace, 3)).toEqual(before);
  });

  it('both replacements, when two come home at once', async () => {
    const namespace = namespaceName('two-home');
    const { pods } = await deploySmallApp(world.kube, { namespace, replicas: 3 });
    const [first = '', second = ''] = pods;
    await isolate(namespace, first);
    await podNames(namespace, 4);
    await isolate(namespace, second);
    await podNames(namespace, 5);
    const both = await Promise.all([restore(namespace, first), restore(namespace, second)]);
    expect(both.map(({ status }) => status.error)).toEqual([undefined, undefined]);
    expect(await podNames(namespace, 3)).toEqual(pods);
    const left = await world.kube.list<Pod>('pods', { namespace });
    expect(left.flatMap(({ metadata }) => Object.keys(metadata?.annotations ?? {}))).toEqual([]);
  });

  it('the replacement of another session, whose own was not Ready and had to go', async () => {
    const namespace = namespaceName('left-to');
    const { pods } = await deploySmallApp(world.kube, { namespace, replicas: 3 });
    const [first = '', , third = ''] = pods;
    // Of the others it would be the first to go.
    await run1(namespace, 'annotate', `pod/${third}`, `${cost}=-1`);
    await isolate(namespace, first);
    const now = await podNames(namespace, 4);
    const [replacement = ''] = now.filter((name) => !pods.includes(name));
    const id = 'aaaaaaaa';
    const mark = {
      [cost]: '-2147483648',
      'pitstop.dev/replacement': JSON.stringify({ id, cost: null }),
    };
    const reference = podRef(namespace, replacement);
    await world.kube.patch(reference, { metadata: { annotations: mark } }, { type: 'merge' });
    const owner = (await world.kube.get<Pod>(reference))?.metadata?.ownerReferences?.[0];
    if (!owner) throw new Error(`${replacement} has no owner`);
    const { signal } = new AbortController();
    await unmarkReplacements({ kube: world.kube, namespace, name: 'any', signal }, { id, owner });
    const { status } = await restore(namespace, first);
    expect(status.error).toBeUndefined();
    expect(await podNames(namespace, 3)).toEqual(pods);
  });

  it('the replacement that never came up', async () => {
    const namespace = namespaceName('never-up');
    const nodes = await world.kube.list<Node>('nodes');
    const cpus = nodes.map(({ status }) => Number(status?.allocatable?.['cpu']));
    const { pods } = await deploySmallApp(world.kube, {
      namespace,
      replicas: nodes.length,
      change: ({ deployment }) => {
        const [container] = deployment.spec?.template.spec?.containers ?? [];
        // More than half of a node each: there is no room for another.
        if (container) container.resources = { requests: { cpu: `${Math.min(...cpus) * 600}m` } };
      },
    });
    const [pod = ''] = pods;
    await isolate(namespace, pod);
    const { status } = await restore(namespace, pod);
    expect(status.error).toBeUndefined();
    expect(await podNames(namespace, nodes.length)).toEqual(pods);
  });

  it('nobody, when a quota kept the replacement from being started', async () => {
    const namespace = namespaceName('quota');
    const { pods } = await deploySmallApp(world.kube, { namespace });
    await run1(namespace, 'create', 'quota', 'pods', '--hard=pods=2');
    await isolate(namespace, pods[0] ?? '');
    const { status } = await restore(namespace, pods[0] ?? '');
    expect(status.error).toBeUndefined();
    expect(status.restoration?.replacementRemoved).toBeUndefined();
    expect(await podNames(namespace, 2)).toEqual(pods);
  });

  it('the replacement, after a scale-up meanwhile; a mark of an attempt that failed is no obstacle', async () => {
    const namespace = namespaceName('scaled-up');
    const { pods } = await deploySmallApp(world.kube, { namespace });
    const [pod = ''] = pods;
    await isolate(namespace, pod);
    const replacement = (await podNames(namespace, 3)).find((name) => !pods.includes(name)) ?? '';
    const held = await world.kube.get<Pod>(podRef(namespace, pod));
    const { id } = JSON.parse(held?.metadata?.annotations?.['pitstop.dev/session'] ?? '') as {
      id: string;
    };
    const mark = { [cost]: '-2147483648', 'pitstop.dev/replacement': `{"id":"${id}","cost":null}` };
    const patch = { metadata: { annotations: mark } };
    await world.kube.patch(podRef(namespace, replacement), patch, { type: 'merge' });
    await run1(namespace, 'scale', 'deployment/web', '--replicas=3');
    const grown = await podNames(namespace, 4);
    const { status } = await restore(namespace, pod);
    expect(status.error).toBeUndefined();
    expect(status.restoration?.replacementRemoved).toBe(replacement);
    expect(await podNames(namespace, 3)).toEqual(grown.filter((name) => name !== replacement));
  });
});

describe.concurrent('a Pod that nobody wants back', () => {
  it('after a scale-down stays out, and goes when that is asked for', async () => {
    const namespace = namespaceName('scaled-down');
    const { pods } = await deploySmallApp(world.kube, { namespace, replicas: 3 });
    const [pod = '', ...siblings] = pods;
    await isolate(namespace, pod);
    await podNames(namespace, 4);
    // Of Pods that are nearly of an age any might go.
    for (const sibling of siblings) await run1(namespace, 'annotate', 'pod', sibling, `${cost}=9`);
    await run1(namespace, 'scale', 'deployment/web', '--replicas=2');
    await podNames(namespace, 3);
    const { status } = await restore(namespace, pod);
    expect(status).toMatchObject({
      phase: 'Failed',
      podOut: true,
      error: {
        code: 'restore-failed',
        message: expect.stringContaining('scaled down to 2 meanwhile'),
        hint: expect.stringContaining('--when-unwanted=delete'),
      },
    });
    const asked = await restore(namespace, pod, { whenUnwanted: 'delete' });
    expect(asked.status).toMatchObject({
      phase: 'Succeeded',
      podOut: false,
      restoration: { podDeleted: true },
    });
    expect(await podNames(namespace, 2)).toEqual(siblings);
  });

  it('after a rollout goes once its artifact is home, if that was asked for', async () => {
    const namespace = namespaceName('rolled-out');
    const app = await deploySmallApp(world.kube, { namespace });
    const session = await run(app, { whenUnwanted: 'delete' }, () =>
      run1(namespace, 'rollout', 'restart', 'deployment/web'),
    );
    expect(session.status).toMatchObject({
      phase: 'Succeeded',
      podOut: false,
      artifact: { verified: true },
      restoration: { podDeleted: true },
      warnings: [expect.stringContaining('does not want it any more')],
    });
    await until('only Pods of the new revision', async () => {
      const names = await podNames(namespace, 2);
      return names.every((name) => !app.pods.includes(name));
    });
  });

  it('whose owner is gone stays out, with all it holds', async () => {
    const namespace = namespaceName('owner-gone');
    const { pods } = await deploySmallApp(world.kube, { namespace });
    await isolate(namespace, pods[0] ?? '');
    await run1(namespace, 'delete', 'deployment/web', '--wait');
    await podNames(namespace, 1);
    const { status } = await restore(namespace, pods[0] ?? '');
    expect(status).toMatchObject({ podOut: true, error: { message: /is gone/ } });
  });

  it('that holds what its session made is not deleted', async () => {
    const namespace = namespaceName('leftovers');
    const { pods } = await deploySmallApp(world.kube, { namespace });
    const [pod = ''] = pods;
    await isolate(namespace, pod);
    const held = await world.kube.get<Pod>(podRef(namespace, pod));
    const { id } = JSON.parse(held?.metadata?.annotations?.['pitstop.dev/session'] ?? '') as {
      id: string;
    };
    const script = `mkdir /tmp/pitstop-${id}; echo heap > /tmp/pitstop-${id}/heap.hprof`;
    const command = ['sh', '-c', script];
    await world.kube.execText({ namespace, pod, container: 'web', command });
    const kept = await restore(namespace, pod, { keep: 'replacement' });
    expect(kept.status.error?.message).toContain(`/tmp/pitstop-${id}; it is not deleted`);
    const cleaned = await restore(namespace, pod, { keep: 'replacement', clean: true });
    expect(cleaned.status).toMatchObject({ phase: 'Succeeded', podOut: false });
  });
});

describe.concurrent('--keep=replacement', () => {
  it('deletes the Pod that was worked on, once its artifact is home', async () => {
    const namespace = namespaceName('keep');
    const app = await deploySmallApp(world.kube, { namespace });
    const [pod = '', sibling = ''] = app.pods;
    const session = await run(app, { keep: 'replacement' });
    const left = await podNames(namespace, 2);
    expect(left).toContain(sibling);
    expect(left).not.toContain(pod);
    expect(session.status).toMatchObject({
      phase: 'Succeeded',
      podOut: false,
      artifact: { verified: true },
      restoration: {
        podDeleted: true,
        replacementKept: left.find((name) => name !== sibling),
        slices: [expect.any(String)],
      },
    });
  });

  it('keeps the Pod instead when its work failed', async () => {
    const namespace = namespaceName('keep-failed');
    const app = await deploySmallApp(world.kube, { namespace });
    const before = await readWorld(world.kube, namespace);
    const command = ['sh', '-c', 'exit 3'];
    const session = await run(app, { keep: 'replacement', command });
    expect(session.status).toMatchObject({ phase: 'Failed', podOut: false });
    await until('the world to read as before', async () => {
      expect(await readWorld(world.kube, namespace)).toEqual(before);
      return true;
    });
  });

  it('is refused where no replacement is started', async () => {
    const namespace = namespaceName('keep-label');
    const app = await deploySmallApp(world.kube, { namespace, route: 'label' });
    const before = await readWorld(world.kube, namespace);
    await expect(run(app, { keep: 'replacement' })).rejects.toMatchObject({
      code: 'no-replacement',
    });
    expect(await readWorld(world.kube, namespace)).toEqual(before);
  });
});
