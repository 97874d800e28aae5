import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createPlan,
  isolatePod,
  restorePods,
  runSession,
  type Session,
  type SessionEvent,
} from '../../src/engine/index.ts';
import { unmarkReplacements } from '../../src/engine/routes/release/mark-replacement.ts';
import { useCluster } from '../support/cluster.ts';
import { readListed } from '../support/listed.ts';
import { readyPods } from '../support/my-api.ts';
import { awaitSettled } from '../support/settled.ts';
import { deploySmallApp, nameOf, type SmallApp } from '../support/small-app.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
const record = 'pitstop.dev/session';
let output = '';
beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'pitstop-rivals-'));
});
afterAll(() => rm(output, { recursive: true }));

async function deploy(
  namespace: string,
  options: Omit<Parameters<typeof deploySmallApp>[1], 'namespace'> = {},
): Promise<SmallApp & { readonly pod: string; readonly before: Record<string, unknown> }> {
  const app = await deploySmallApp(world.kube, { namespace, ...options });
  // Creation times are whole seconds: a replacement must be told from its siblings by them.
  await sleep(1_000);
  const before = await readWorld(world.kube, app.namespace);
  return { ...app, pod: app.pods[0] ?? '', before };
}

/** A session whose diagnostic lasts until `during`, which happens once it has begun, is over, and sleeps. */
function run(
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
  options: {
    readonly seconds?: number;
    readonly settleMs?: number;
    readonly whenUnwanted?: 'delete';
    readonly when?: (event: SessionEvent) => boolean;
    /** Given what it says when it warns of something, as it comes. */
    readonly during?: (warned: (what: RegExp) => Promise<unknown>) => Promise<unknown>;
  } = {},
): Promise<Session> {
  const over = `/tmp/over-${pod}`;
  const { seconds = 0.5, settleMs = 50, whenUnwanted, when = isDiagnosing, during } = options;
  let begun = false;
  const warnings: string[] = [];
  const warned = (what: RegExp) =>
    until(`a warning of ${what}`, async () => warnings.some((message) => what.test(message)));
  return runSession(
    world.user,
    {
      target: pod,
      namespace,
      command: [
        'sh',
        '-c',
        `${during ? `until [ -e ${over} ]; do sleep 0.1; done; rm ${over}; ` : ''}sleep ${seconds}; echo evidence`,
      ],
      settleMs,
      restoreTimeoutMs: 60_000,
      whenUnwanted,
      output: `${output}/`,
    },
    {
      onEvent: (event) => {
        if (event.type === 'warning') warnings.push(event.message);
        if (begun || !during || !when(event)) return;
        begun = true;
        void during(warned).then(() => exec(namespace, pod, `touch ${over}`));
      },
    },
  );
}

const isDiagnosing = (event: SessionEvent) =>
  event.type === 'step-progress' && event.step === 'diagnose';

const podRef = (namespace: string, name: string) =>
  ({ resource: 'pods', namespace, name }) as const;
const deploymentRef = (namespace: string) =>
  ({ resource: 'deployments', namespace, name: 'web' }) as const;
const patchLabels = (namespace: string, name: string, labels: Record<string, string | null>) =>
  world.kube.patch(podRef(namespace, name), { metadata: { labels } }, { type: 'merge' });
const exec = (namespace: string, pod: string, script: string) =>
  world.kube
    .execText({ namespace, pod, container: 'web', command: ['sh', '-c', script] })
    .catch(() => undefined);

async function expectWorld(namespace: string, before: Record<string, unknown>): Promise<void> {
  await until('the world to read as before', async () => {
    expect(await readWorld(world.kube, namespace)).toEqual(before);
    return true;
  });
}

describe.concurrent('two at once', () => {
  it('on one Pod: one is refused, nothing is lost', async () => {
    const app = await deploy('one-pod', { replicas: 3 });
    const both = await Promise.allSettled([run(app), run(app)]);
    const done = both.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(done.map(({ status }) => status.phase)).toEqual(['Succeeded']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: expect.stringMatching(/^(conflict|interlock)$/) },
    });
    await expectWorld(app.namespace, app.before);
  });

  it('on two Pods of one Deployment', async () => {
    const app = await deploy('two-pods', { replicas: 3 });
    const [first = '', second = ''] = app.pods;
    const isOut = Promise.withResolvers<void>();
    const secondIsOut = Promise.withResolvers<void>();
    const outer = run(
      { ...app, pod: first },
      {
        during: async () => {
          isOut.resolve();
          await secondIsOut.promise;
        },
      },
    );
    await Promise.race([isOut.promise, outer]);
    // A replacement that is on its way up looks like a rollout.
    const { namespace } = app;
    await readyPods(world.kube, namespace, 4);
    await awaitSettled(world.kube, namespace, { deployment: 'web', service: 'web', replicas: 3 });
    const sessions = await Promise.all([
      outer,
      run({ ...app, pod: second }, { during: async () => secondIsOut.resolve() }),
    ]);
    expect(sessions.map(({ status }) => status.error)).toEqual([undefined, undefined]);
    await expectWorld(app.namespace, app.before);
  });
});

describe.concurrent('what others do during a session', () => {
  it('a rollout: the Pod stays out with all it holds, and it is said', async () => {
    const { namespace, pod } = await deploy('rollout');
    const session = await run(
      { namespace, pod },
      {
        during: async () => {
          await world.kube.patch<Deployment>(
            deploymentRef(namespace),
            { spec: { template: { metadata: { annotations: { restarted: 'now' } } } } },
            { type: 'merge' },
          );
          const app = { deployment: 'web', service: 'web', replicas: 2 };
          await awaitSettled(world.kube, namespace, app);
        },
      },
    );
    expect(session.status).toMatchObject({
      phase: 'Failed',
      podOut: true,
      artifact: { verified: true },
      error: {
        code: 'restore-failed',
        message: expect.stringMatching(/replicaset\/web-\S+ does not want it any more/),
        hint: expect.stringContaining(`restore ${pod} -n ${namespace} --when-unwanted=delete`),
      },
    });
    expect(await world.kube.get<Pod>(podRef(namespace, pod))).toBeDefined();
  });

  it('a Pod marked to go that stayed all the same has its own cost back', async () => {
    const { namespace, pods } = await deploy('marked');
    const [mine = '', others = ''] = pods;
    const cost = 'controller.kubernetes.io/pod-deletion-cost';
    const mark = (id: string) => ({
      metadata: {
        annotations: {
          [cost]: '-2147483648',
          'pitstop.dev/replacement': JSON.stringify({ id, cost: '7' }),
        },
      },
    });
    await world.kube.patch(podRef(namespace, mine), mark('aaaaaaaa'), { type: 'merge' });
    await world.kube.patch(podRef(namespace, others), mark('bbbbbbbb'), { type: 'merge' });
    const { signal } = new AbortController();
    await unmarkReplacements(
      { kube: world.kube, namespace, name: 'any', signal },
      { id: 'aaaaaaaa' },
    );
    const annotations = async (name: string) =>
      (await world.kube.get<Pod>(podRef(namespace, name)))?.metadata?.annotations;
    expect(await annotations(mine)).toEqual({ [cost]: '7' });
    expect(await annotations(others)).toMatchObject({ [cost]: '-2147483648' });
  });

  it('a scale-down to 1: the sibling that was not touched is the one that stays', async () => {
    const { namespace, pod, pods } = await deploy('scale-down');
    // Of two Pods that are nearly of an age either might go.
    await world.kube.patch(
      podRef(namespace, pods[1] ?? ''),
      { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '9' } } },
      { type: 'merge' },
    );
    const session = await run(
      { namespace, pod },
      {
        whenUnwanted: 'delete',
        during: async () => {
          const patch = { spec: { replicas: 1 } };
          await world.kube.patch(deploymentRef(namespace), patch, { type: 'merge' });
          await readyPods(world.kube, namespace, 2);
        },
      },
    );
    expect(session.status.error).toBeUndefined();
    expect(session.status.restoration?.podDeleted).toBe(true);
    expect((await readyPods(world.kube, namespace, 1)).map(nameOf)).toEqual([pods[1]]);
  });

  it('the Pod deleted: pod-gone, and nothing is said to be out', async () => {
    const { namespace, pod } = await deploy('deleted');
    const session = await run(
      { namespace, pod },
      { seconds: 60, during: () => world.kube.delete(podRef(namespace, pod)) },
    );
    expect(session.status).toMatchObject({
      phase: 'Failed',
      podOut: false,
      error: { code: 'pod-gone', message: expect.stringContaining(`${namespace}/${pod}`) },
    });
    expect(session.status.warnings).toEqual([]);
    expect(session.status.steps.find(({ name }) => name === 'diagnose')?.message).toMatch(
      /deleted/,
    );
    await readyPods(world.kube, namespace, 2);
  });

  it('the container killed: container-restarted, and the Pod comes back', async () => {
    const { namespace, pod } = await deploy('killed', {
      change: ({ deployment }) => {
        const [container] = deployment.spec?.template.spec?.containers ?? [];
        // As PID 1 it could not be killed from inside.
        if (container) container.command = ['sh', '-c', 'sleep 100000; exit 1'];
      },
    });
    const session = await run(
      { namespace, pod },
      {
        seconds: 60,
        during: () => exec(namespace, pod, 'kill -9 $(pgrep -fx "sleep 100000")'),
      },
    );
    expect(session.status).toMatchObject({
      phase: 'Failed',
      podOut: false,
      error: { code: 'container-restarted' },
    });
    await readyPods(world.kube, namespace, 2);
  });

  it('the label put back before the work: it is not begun', async () => {
    const app = await deploy('back-early', { route: 'label' });
    const session = await run(app, {
      // Longer than it can take to be noticed, which ends it.
      settleMs: 30_000,
      when: ({ type }) => type === 'pod-out',
      during: () => patchLabels(app.namespace, app.pod, { traffic: 'on' }),
    });
    expect(session.status).toMatchObject({
      phase: 'Failed',
      podOut: false,
      error: { code: 'drift', message: expect.stringContaining('label traffic was set again') },
    });
    expect(session.status.diagnostic).toBeUndefined();
    await expectWorld(app.namespace, app.before);
  });

  it('the label put back during the work: the evidence is kept, and it is said', async () => {
    const app = await deploy('back-late', { route: 'label' });
    const session = await run(app, {
      during: async (warned) => {
        await patchLabels(app.namespace, app.pod, { traffic: 'on' });
        await warned(/label traffic was set again/);
      },
    });
    expect(session.status).toMatchObject({
      phase: 'Succeeded',
      artifact: { verified: true },
      warnings: [expect.stringContaining('label traffic was set again')],
    });
    await expectWorld(app.namespace, app.before);
  });

  it.each(['release', 'label'] as const)(
    'somebody else restores the Pod by route %s: said, and no failure',
    async (route) => {
      const app = await deploy(`rival-${route}`, { route });
      let rival: readonly Session[] = [];
      const session = await run(app, {
        during: async () => {
          rival = await restorePods(world.user, app);
        },
      });
      expect(rival.map(({ status }) => status.error)).toEqual([undefined]);
      expect(session.status).toMatchObject({ phase: 'Succeeded', podOut: false });
      expect(session.status.warnings).toContainEqual(
        expect.stringContaining('taken away by somebody else, who put it back'),
      );
      await expectWorld(app.namespace, app.before);
    },
  );

  it('the undo record torn off: the session still knows what to undo', async () => {
    const app = await deploy('torn-off');
    const session = await run(app, {
      during: () =>
        world.kube.patch(
          podRef(app.namespace, app.pod),
          { metadata: { annotations: { [record]: null } } },
          { type: 'merge' },
        ),
    });
    expect(session.status).toMatchObject({ phase: 'Succeeded', podOut: false });
    await expectWorld(app.namespace, app.before);
  });

  it('another session that holds the Pod by now is left alone', async () => {
    const app = await deploy('taken-over', { route: 'label' });
    const session = await run(app, {
      during: async () => {
        await restorePods(world.user, app);
        await isolatePod(world.user, { target: app.pod, namespace: app.namespace, settleMs: 50 });
      },
    });
    expect(session.status).toMatchObject({
      phase: 'Failed',
      error: { code: 'drift', message: expect.stringContaining('holds it now') },
    });
    const held = await world.kube.get<Pod>(podRef(app.namespace, app.pod));
    expect(held?.metadata?.annotations?.[record]).not.toContain(session.metadata.name);
    expect(held?.metadata?.labels).not.toHaveProperty('traffic');
  });

  it('a Service deleted: said, and not waited for', async () => {
    const { namespace, pod } = await deploy('no-service');
    const session = await run(
      { namespace, pod },
      { during: () => world.kube.delete({ resource: 'services', namespace, name: 'web' }) },
    );
    expect(session.status).toMatchObject({
      phase: 'Succeeded',
      warnings: [expect.stringContaining('service/web is gone')],
    });
  });
});

describe.concurrent('what restore --all meets', () => {
  it('a record that cannot be read keeps only its own Pod out', async () => {
    const app = await deploy('garbled', { route: 'label', replicas: 3 });
    const [first = '', second = ''] = app.pods;
    await isolatePod(world.user, { target: first, namespace: app.namespace, settleMs: 50 });
    await world.kube.patch(
      podRef(app.namespace, second),
      { metadata: { annotations: { [record]: '{"id": 7' } } },
      { type: 'merge' },
    );
    const sessions = await restorePods(world.user, { namespace: app.namespace, all: true });
    const said = new Map(sessions.map(({ spec, status }) => [spec.pod, status]));
    expect(said.get(first)).toMatchObject({ phase: 'Succeeded', podOut: false });
    expect(said.get(second)).toMatchObject({ podOut: true, error: { code: 'record-unreadable' } });
  });
});

describe.concurrent('Services of every kind', () => {
  it('two with different selectors, a headless one, one that publishes what is not ready', async () => {
    const app = await deploy('services', {
      change: ({ deployment, service }) => {
        const { labels } = deployment.spec?.template.metadata ?? {};
        if (labels) Object.assign(labels, { tier: 'front', traffic: 'on' });
        if (service.spec) service.spec.selector = { tier: 'front' };
      },
    });
    const { namespace } = app;
    const more: readonly (readonly [string, Service['spec']])[] = [
      [
        'headless',
        { clusterIP: 'None', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
      ],
      [
        'eager',
        {
          publishNotReadyAddresses: true,
          selector: { traffic: 'on' },
          ports: [{ port: 80, targetPort: 8080 }],
        },
      ],
    ];
    for (const [name, spec] of more) {
      await world.kube.create<Service>('services', {
        metadata: { name, namespace },
        ...(spec && { spec }),
      });
    }
    await until('all three list both Pods', async () => {
      const all = ['web', ...more.map(([name]) => name)];
      const listed = await Promise.all(all.map((each) => readListed(world.kube, namespace, each)));
      return listed.every(({ slices, endpoints }) => slices.length + endpoints.length === 4);
    });
    const before = await readWorld(world.kube, namespace);
    const session = await run(app);
    expect(session.status.error).toBeUndefined();
    expect(session.status.isolation?.services.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'eager',
      'headless',
      'web',
    ]);
    expect(session.status.restoration?.slices).toHaveLength(3);
    expect(session.status.warnings).toEqual([
      expect.stringContaining('service/eager publishes'),
      expect.stringContaining('is headless'),
    ]);
    await expectWorld(namespace, before);
  });

  it('a slice that lists nobody but the Pod, by hand: nothing is touched', async () => {
    const app = await deploy('by-hand');
    const { namespace, pod } = app;
    const found = await world.kube.get<Pod>(podRef(namespace, pod));
    await world.kube.create<Service>('services', {
      metadata: { name: 'manual', namespace },
      spec: { ports: [{ port: 80 }] },
    });
    await world.kube.create<EndpointSlice>('endpointslices', {
      metadata: {
        name: 'by-hand',
        namespace,
        labels: { 'kubernetes.io/service-name': 'manual' },
      },
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: [{ addresses: [found?.status?.podIP ?? ''] }],
    });
    const before = await readWorld(world.kube, namespace);
    await expect(run(app)).rejects.toMatchObject({
      code: 'interlock',
      message: expect.stringMatching(/last-endpoint: service\/manual: the Pod is its only ready/),
    });
    expect(await readWorld(world.kube, namespace)).toEqual(before);
  });

  it('a Pod that is not Ready is refused, with the way to insist', async () => {
    const app = await deploy('not-ready', {
      change: ({ deployment }) => {
        const [container] = deployment.spec?.template.spec?.containers ?? [];
        if (container) {
          container.readinessProbe = {
            exec: { command: ['test', '!', '-e', '/tmp/unready'] },
            periodSeconds: 1,
            failureThreshold: 1,
          };
        }
      },
    });
    const { namespace, pod } = app;
    await exec(namespace, pod, 'touch /tmp/unready');
    await until('the Pod is not Ready', async () => {
      const now = await world.kube.get<Pod>(podRef(namespace, pod));
      return now?.status?.conditions?.some(
        ({ type, status }) => type === 'Ready' && status === 'False',
      );
    });
    await expect(run(app)).rejects.toMatchObject({
      code: 'interlock',
      hint: expect.stringContaining('--override=not-ready'),
    });
    const plan = await createPlan(world.user, { target: pod, namespace });
    expect(plan.status.interlocks.map(({ name }) => name)).toContain('not-ready');
  });
});
