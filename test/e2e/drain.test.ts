import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, it, onTestFinished } from 'vitest';
import {
  isolatePod,
  restorePods,
  type DrainAnswer,
  type DrainTimeout,
  type SessionEvent,
} from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { sleeperImage } from '../support/images.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { hasTools } from '../support/tools.ts';
import { deployTrafficApp } from '../support/traffic-app.ts';
import { until } from '../support/until.ts';

const world = useCluster();

/** A Pod that holds three connections to the Service and sends nothing on them. */
async function connectClient(namespace: string): Promise<void> {
  const { kube } = world;
  const program = `
    const { connect } = require('net');
    for (let i = 0; i < 6; i += 1) {
      const open = () => connect(80, process.env.WEB_SERVICE_HOST).on('close', open).on('error', () => {});
      setTimeout(open, 100 * i);
    }`;
  await kube.create<Pod>('pods', {
    metadata: { name: 'client', namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'client', image: 'host', command: [process.execPath, '-e', program] }],
    },
  });
}

async function ephemeralContainers(namespace: string, name: string) {
  const pod = await world.kube.get<Pod>({ resource: 'pods', namespace, name });
  return pod?.status?.ephemeralContainerStatuses ?? [];
}

it('asks at the drain timeout, naming the Pod that holds on, and does what it is told', async ({
  skip,
}) => {
  if (!world.embedded) skip('the client is a program of this machine');
  const { kube } = world;
  const app = await deployTrafficApp(kube, {
    namespace: 'drain-ask',
    owner: 'Deployment',
    route: 'label',
  });
  const [target = ''] = app.pods;
  await connectClient(app.namespace);
  // The Service balances: until one of the six is at this Pod.
  await until('a connection to the Pod', async () => {
    const { stdout } = await kube.execText({
      namespace: app.namespace,
      pod: target,
      container: 'web',
      command: ['cat', '/proc/net/tcp6', '/proc/net/tcp'],
    });
    return /:1F90 [0-9A-F]+:[0-9A-F]{4} 01 /.test(stdout);
  });
  const questions: DrainTimeout[] = [];
  const answers: DrainAnswer[] = ['wait', 'proceed'];
  const session = await isolatePod(
    kube,
    { target, namespace: app.namespace, drainTimeoutMs: 300, settleMs: 500 },
    {
      onDrainTimeout: async (question) => {
        questions.push(question);
        return answers[questions.length - 1] ?? 'restore';
      },
    },
  );
  expect(questions.map(({ pod, peers }) => ({ pod, peers }))).toEqual(
    [1, 2].map(() => ({
      pod: target,
      peers: expect.stringMatching(/^pod drain-ask\/client \(10\.[\d.]+\)( with \d)?$/),
    })),
  );
  expect(session.status).toMatchObject({ phase: 'Isolated', podOut: true });
  expect(session.status.isolation?.connections?.atProof).toBeGreaterThan(0);
  await restorePods(kube, { namespace: app.namespace, all: true });
});

it('runs the drain hooks, and takes them back from the record alone', async () => {
  const { kube } = world;
  const { namespace, pods } = await deploySmallApp(kube, {
    namespace: 'drain-hooks',
    route: 'label',
  });
  const [target = ''] = pods;
  const file = `/tmp/pitstop-drain-${namespace}`;
  const read = async () =>
    (
      await kube.execText({
        namespace,
        pod: target,
        container: 'web',
        command: ['sh', '-c', `cat ${file}`],
      })
    ).stdout;
  await isolatePod(world.user, {
    target,
    namespace,
    settleMs: 100,
    drainHooks: [`exec:echo drained >>${file}`],
    drainUndo: [`exec:echo undrained >>${file}`],
  });
  expect(await read()).toBe('drained\n');
  await restorePods(world.user, { namespace, all: true });
  expect(await read()).toBe('drained\nundrained\n');

  const failed = await isolatePod(world.user, {
    target,
    namespace,
    settleMs: 100,
    drainHooks: ['exec:echo no such app >&2; exit 3'],
  });
  expect(failed.status).toMatchObject({
    phase: 'Failed',
    podOut: false,
    error: { code: 'drain-hook', message: expect.stringContaining('no such app') },
  });
  await kube.execText({ namespace, pod: target, container: 'web', command: ['rm', '-f', file] });
});

it('looks through another container when the app’s has nothing to read with, and adds one only then', async () => {
  const { kube } = world;
  const bare = { name: 'PATH', value: '/nowhere' };
  const { namespace, pods } = await deploySmallApp(kube, {
    namespace: 'drain-bare',
    route: 'label',
    change: ({ deployment }) => {
      const { containers } = deployment.spec?.template.spec ?? {};
      const [web] = containers ?? [];
      if (!web || !containers) return;
      web.command = ['/bin/sleep', '100000'];
      web.env = [bare];
      containers.push({ name: 'helper', image: sleeperImage, command: ['sleep', '100000'] });
    },
  });
  const [target = ''] = pods;
  const isolated = await isolatePod(world.user, { target, namespace, settleMs: 100 });
  expect(isolated.status).toMatchObject({ phase: 'Isolated' });
  expect(await ephemeralContainers(namespace, target)).toEqual([]);
  await restorePods(world.user, { namespace, all: true });
});

it('reads the sockets of a Pod without any shell in an ephemeral container, which ends with the session', async () => {
  const { kube } = world;
  const { namespace, pods } = await deploySmallApp(kube, {
    namespace: 'drain-distroless',
    route: 'label',
    change: ({ deployment }) => {
      const [web] = deployment.spec?.template.spec?.containers ?? [];
      if (!web) return;
      web.command = ['/bin/sleep', '100000'];
      web.env = [{ name: 'PATH', value: '/nowhere' }];
    },
  });
  const [target = ''] = pods;
  await expect(
    isolatePod(world.user, { target, namespace, settleMs: 100, debugImage: 'none' }),
  ).rejects.toMatchObject({ code: 'isolation-unproven' });
  const debugImage = sleeperImage;
  const isolated = await isolatePod(world.user, { target, namespace, settleMs: 100, debugImage });
  expect(isolated.status).toMatchObject({ phase: 'Isolated' });
  expect(await ephemeralContainers(namespace, target)).toHaveLength(1);
  await until('the ephemeral container to have ended', async () =>
    (await ephemeralContainers(namespace, target)).every(({ state }) => state?.terminated),
  );
  await restorePods(world.user, { namespace, all: true });
});

it.skipIf(!hasTools('ss') || !world.embedded)(
  `closes connections that are idle, and says how many${hasTools('ss') ? '' : ' (no ss on this machine)'}${world.embedded ? '' : ' (the client is a program of this machine)'}`,
  async () => {
    const { kube } = world;
    const app = await deployTrafficApp(kube, {
      namespace: 'drain-sever',
      owner: 'Deployment',
      route: 'label',
    });
    onTestFinished(() => kube.delete({ resource: 'namespaces', name: app.namespace }));
    const [target = ''] = app.pods;
    const agent = `
      const { Agent, get } = require('http');
      const agent = new Agent({ keepAlive: true, maxSockets: 8 });
      const ask = () => get({ host: process.env.WEB_SERVICE_HOST, agent }, (answer) => answer.resume()).on('error', () => {});
      for (let i = 0; i < 8; i += 1) ask();
      setTimeout(() => {}, 1e8);`;
    await kube.create<Pod>('pods', {
      metadata: { name: 'client', namespace: app.namespace },
      spec: {
        containers: [{ name: 'client', image: 'host', command: [process.execPath, '-e', agent] }],
      },
    });
    await until('some of the eight connections at this Pod', async () => {
      const { stdout } = await kube.execText({
        namespace: app.namespace,
        pod: target,
        container: 'web',
        command: ['cat', '/proc/net/tcp6'],
      });
      return /:1F90 [0-9A-F]+:[0-9A-F]{4} 01 /.test(stdout);
    });
    const events: SessionEvent[] = [];
    const session = await isolatePod(
      kube,
      { target, namespace: app.namespace, settleMs: 500, severIdleMs: 100 },
      { onEvent: (event) => events.push(event) },
    );
    expect(session.status.error).toBeUndefined();
    const { atStart, severed, atProof } = session.status.isolation?.connections ?? {};
    expect(atStart).toBeGreaterThan(0);
    expect(severed).toBe(atStart);
    expect(atProof).toBe(0);
    await restorePods(kube, { namespace: app.namespace, all: true });
  },
);
