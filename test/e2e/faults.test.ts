import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { afterAll, describe, expect, it } from 'vitest';
import {
  isolatePod,
  restorePods,
  runSession,
  type PitstopError,
  type Session,
} from '../../src/engine/index.ts';
import { connect, type Kube } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { FaultProxy, type Call, type ChooseFault, type Fault } from '../support/fault-proxy.ts';
import { sleeperImage } from '../support/images.ts';
import { deploySmallApp, type SmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
const record = 'pitstop.dev/session';
let number = 0;
let faults = 0;
afterAll(() => {
  process.stdout.write(`faults: ${number} cases, ${faults} calls met one\n`);
});

interface Place extends SmallApp {
  readonly pod: string;
  readonly before: Record<string, unknown>;
}

async function deploy(route: 'release' | 'label' = 'release'): Promise<Place> {
  number += 1;
  const app = await deploySmallApp(world.kube, { namespace: `faults-${number}`, route });
  // Creation times are whole seconds: a replacement must be told from its siblings by them.
  await sleep(1_000);
  const before = await readWorld(world.kube, app.namespace);
  return { ...app, pod: app.pods[0] ?? '', before };
}

/** Does something over a connection on which `choose` lets calls fail. */
async function through<T>(choose: ChooseFault, work: (kube: Kube) => Promise<T>): Promise<T> {
  const { userKubeconfigPath: kubeconfigPath } = world;
  await using proxy = await FaultProxy.start(kubeconfigPath, choose);
  await using kube = await connect({
    kubeconfig: kubeconfigPath,
    server: proxy.url,
    // None of the faults is silence; what happens while a call is held may take its time.
    requestTimeoutMs: 170_000,
  });
  try {
    return await work(kube);
  } finally {
    faults += proxy.faults;
  }
}

const run = (kube: Kube, { pod, namespace }: Place, restoreTimeoutMs = 60_000) =>
  runSession(kube, {
    target: pod,
    namespace,
    command: ['true'],
    settleMs: 50,
    restoreTimeoutMs,
    output: '/tmp/',
  });

const isPatch = (nth: number) => (call: Call) => call.method === 'PATCH' && call.nth === nth;
const readPod = ({ namespace, pod }: Place) =>
  world.kube.get<Pod>({ resource: 'pods', namespace, name: pod });

async function isOut(place: Place): Promise<boolean> {
  return (await readPod(place))?.metadata?.annotations?.[record] !== undefined;
}

/** Whatever came of it: what was said of the Pod is so, and afterwards `restore` brings all back. */
async function expectKnownAndRestorable(
  place: Place,
  outcome: Session | PitstopError,
): Promise<void> {
  const labels = (await readPod(place))?.metadata?.labels;
  const said = 'kind' in outcome && outcome.status.podOut;
  expect(said).toBe(labels?.['app'] === undefined);
  if (await isOut(place)) await restorePods(world.kube, place);
  await expectWorldAsBefore(place);
}

async function expectWorldAsBefore({ namespace, before }: Place): Promise<void> {
  await until('the world to read as before', async () => {
    expect(await readWorld(world.kube, namespace)).toEqual(before);
    return true;
  });
}

describe.concurrent('a session survives', () => {
  const lostAnswer = { kind: 'lost-answer' } as const;
  const lostRequest = { kind: 'lost-request' } as const;
  const busy = { kind: 'answer', status: 429, headers: { 'retry-after': '0' } } as const;
  const broken = { kind: 'answer', status: 500 } as const;
  const conflict = { kind: 'answer', status: 409 } as const;
  const cases: readonly (readonly [string, number, Fault])[] = [
    ['the isolating write, its answer lost', 1, lostAnswer],
    ['the isolating write lost', 1, lostRequest],
    ['the isolating write answered with 429', 1, busy],
    ['the mark on the replacement, its answer lost', 2, lostAnswer],
    ['the restoring write, its answer lost', 3, lostAnswer],
    ['the restoring write lost', 3, lostRequest],
    ['the restoring write answered with 500', 3, broken],
    ['the restoring write in conflict', 3, conflict],
    ['the last write, its answer lost', 4, lostAnswer],
    ['the last write in conflict', 4, conflict],
  ];

  it.each(cases)('%s', async (_, nth, fault) => {
    const place = await deploy();
    const session = await through(
      (call) => (isPatch(nth)(call) ? fault : undefined),
      (kube) => run(kube, place),
    );
    expect(session.status.error).toBeUndefined();
    expect(session.status).toMatchObject({ phase: 'Succeeded', podOut: false });
    await expectWorldAsBefore(place);
  });

  it.each([
    ['cut after a moment', { kind: 'cut', afterMs: 20 }],
    ['lost before they begin', { kind: 'lost-request' }],
    ['answered with 410', { kind: 'answer', status: 410 }],
    [
      'ended by a 410 event',
      {
        kind: 'answer',
        status: 200,
        body: { type: 'ERROR', object: { code: 410, message: 'too old' } },
      },
    ],
  ] as const)('watches that are %s, every other one', async (_, fault) => {
    const place = await deploy();
    const session = await through(
      (call) => (call.isWatch && call.nth % 2 === 1 ? fault : undefined),
      (kube) => run(kube, place),
    );
    expect(session.status.error).toBeUndefined();
    await expectWorldAsBefore(place);
  });

  it('an API server that is away for two seconds on the way home', async () => {
    const place = await deploy();
    let awayUntil = 0;
    const session = await through(
      (call) => {
        if (isPatch(3)(call)) awayUntil = Date.now() + 2_000;
        return Date.now() < awayUntil ? { kind: 'lost-request' } : undefined;
      },
      (kube) => run(kube, place),
    );
    expect(session.status).toMatchObject({ phase: 'Succeeded', podOut: false });
    await expectWorldAsBefore(place);
  });

  it('a lost answer to the one restoring write of route `label`', async () => {
    const place = await deploy('label');
    const session = await through(
      (call) => (isPatch(2)(call) ? { kind: 'lost-answer' } : undefined),
      (kube) => run(kube, place),
    );
    expect(session.status).toMatchObject({ phase: 'Succeeded', podOut: false });
    await expectWorldAsBefore(place);
  });
});

describe.concurrent('a session that fails tells the truth', () => {
  it.each([
    ['refused', 403, 'forbidden'],
    ['in conflict', 409, 'conflict'],
  ])('when the isolating write is %s: nothing was touched', async (_, status, code) => {
    const place = await deploy();
    const failed = through(
      (call) => (isPatch(1)(call) ? { kind: 'answer', status } : undefined),
      (kube) => run(kube, place),
    );
    await expect(failed).rejects.toMatchObject({ code });
    await expectWorldAsBefore(place);
  });

  it('when every write after the first is refused: the Pod is still out', async () => {
    const place = await deploy();
    const session = await through(
      ({ method, nth }) =>
        method === 'PATCH' && nth > 1 ? { kind: 'answer', status: 403 } : undefined,
      (kube) => run(kube, place),
    );
    expect(session.status).toMatchObject({
      phase: 'Failed',
      podOut: true,
      error: { code: 'cluster', hint: expect.stringContaining('can-i patch pods') },
    });
    await expectKnownAndRestorable(place, session);
  });

  it.each([3, 14, 20, 26])('when the way to the server ends at call %i', async (last) => {
    const place = await deploy();
    let calls = 0;
    const outcome = await through(
      () => {
        calls += 1;
        return calls > last ? { kind: 'lost-request' } : undefined;
      },
      // It is waited out: nothing comes home any more.
      (kube) => run(kube, place, 5_000).catch((error: PitstopError) => error),
    );
    expect(calls).toBeGreaterThan(last);
    await expectKnownAndRestorable(place, outcome);
  });
});

describe.concurrent('restore', () => {
  it.each([
    ['loses the answer to its first write', 2, { kind: 'lost-answer' }],
    ['loses the answer to its last write', 3, { kind: 'lost-answer' }],
    ['meets a conflict', 2, { kind: 'answer', status: 409 }],
    ['meets a 500', 3, { kind: 'answer', status: 500 }],
  ] as const)('%s, and goes on', async (_, nth, fault) => {
    const place = await deploy();
    await isolatePod(world.kube, { target: place.pod, namespace: place.namespace, settleMs: 50 });
    const [session] = await through(
      (call) => (isPatch(nth)(call) ? fault : undefined),
      (kube) => restorePods(kube, { ...place, restoreTimeoutMs: 60_000 }),
    );
    expect(session?.status).toMatchObject({ phase: 'Succeeded', podOut: false });
    await expectWorldAsBefore(place);
  });

  it('done by two at once ends once', async () => {
    const place = await deploy();
    await isolatePod(world.kube, { target: place.pod, namespace: place.namespace, settleMs: 50 });
    await using other = await connect({ kubeconfig: world.kubeconfigPath });
    const both = await Promise.all([restorePods(world.kube, place), restorePods(other, place)]);
    expect(both.flat().map(({ status }) => status.error)).toEqual([undefined, undefined]);
    await expectWorldAsBefore(place);
  });
});

/** Does `meanwhile` after the Pod was read and before the first write to it gets to the server. */
function justBefore(pod: string, meanwhile: () => Promise<unknown>): ChooseFault {
  let done: Promise<unknown> | undefined;
  return async ({ method, path }) => {
    if (method === 'PATCH' && path.endsWith(`/pods/${pod}`)) await (done ??= meanwhile());
    return undefined;
  };
}

/** Another Pod of the same name, in traffic, that has never heard of us. */
async function replacePod({ namespace, pod }: Place): Promise<Pod> {
  const { kube } = world;
  const reference = { resource: 'pods', namespace, name: pod } as const;
  await kube.delete(reference);
  await until('the Pod is gone', async () => (await kube.get(reference)) === undefined);
  const container = { name: 'web', image: sleeperImage, command: ['sleep', '100000'] };
  return await kube.create<Pod>('pods', {
    metadata: { name: pod, namespace, labels: { app: 'other', traffic: 'other' } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  });
}

const tellsThatItIsGone = {
  restore: [{ status: { podOut: false, error: { code: 'pod-gone' } } }],
  isolate: { code: expect.stringMatching(/^(conflict|pod-gone)$/) as string },
};

describe.concurrent.each(['label', 'release'] as const)('too late, by route %s', (route) => {
  it('restore leaves a Pod alone that another session has taken meanwhile', async () => {
    const place = await deploy(route);
    const request = { target: place.pod, namespace: place.namespace, settleMs: 50 };
    await isolatePod(world.kube, request);
    let theirs = '';
    const again = async () => {
      await restorePods(world.kube, place);
      theirs = (await isolatePod(world.kube, request)).metadata.name;
    };
    const [session] = await through(justBefore(place.pod, again), (kube) =>
      restorePods(kube, place),
    );
    expect(session?.status.error).toMatchObject({ code: 'drift' });
    const { metadata } = (await readPod(place)) ?? {};
    expect(metadata?.annotations?.[record]).toContain(theirs);
    expect(metadata?.labels).not.toHaveProperty(route === 'label' ? 'traffic' : 'app');
    await restorePods(world.kube, place);
    await expectWorldAsBefore(place);
  });

  it.each(['restore', 'isolate'] as const)(
    '%s leaves another Pod of the same name alone',
    async (verb) => {
      const place = await deploy(route);
      const request = { target: place.pod, namespace: place.namespace, settleMs: 50 };
      if (verb === 'restore') await isolatePod(world.kube, request);
      let other: Pod | undefined;
      const replace = async () => {
        other = await replacePod(place);
      };
      const outcome = await through<unknown>(justBefore(place.pod, replace), (kube) =>
        verb === 'restore' ? restorePods(kube, place) : isolatePod(kube, request),
      ).catch((error: unknown) => error);
      const found = await readPod(place);
      expect(found?.metadata?.uid).toBe(other?.metadata?.uid);
      expect(found?.metadata?.labels).toEqual(other?.metadata?.labels);
      expect(found?.metadata?.annotations).toBeUndefined();
      expect(outcome).toMatchObject(tellsThatItIsGone[verb]);
    },
  );
});
