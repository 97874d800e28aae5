import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Pod } from 'kubernetes-types/core/v1.js';
import {
  createPlan,
  isolatePod,
  readStatus,
  restorePods,
  runSession,
} from '../../src/engine/index.ts';
import type { Kube } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { sleeperImage } from '../support/images.ts';
import { createNamespace } from '../support/target-cluster.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
const type = 'pitstop.dev/in-service';

/** Two gated Pods behind `web`, and behind `all`, which also publishes Pods that are not ready. */
async function deployGated(kube: Kube, namespace: string): Promise<readonly Pod[]> {
  const labels = { app: 'web', tier: 'front' };
  await kube.create('deployments', {
    metadata: { name: 'web', namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          readinessGates: [{ conditionType: type }],
          containers: [
            {
              name: 'web',
              image: sleeperImage,
              command: ['sleep', '100000'],
              ports: [{ containerPort: 8080 }],
            },
          ],
        },
      },
    },
  });
  for (const [name, spec] of [
    ['web', { selector: { app: 'web' } }],
    ['all', { selector: { tier: 'front' }, publishNotReadyAddresses: true }],
  ] as const) {
    const ports = [{ port: 80, targetPort: 8080 }];
    await kube.create('services', { metadata: { name, namespace }, spec: { ...spec, ports } });
  }
  const pods = await until('two running Pods', async () => {
    const found = await kube.list<Pod>('pods', { namespace });
    const running = found.filter(({ status }) => status?.phase === 'Running');
    return running.length === 2 && running;
  });
  for (const { metadata } of pods) await setGate(kube, namespace, metadata?.name ?? '', 'True');
  await until('web to list both', async () => (await serving(kube, namespace)).web.length === 2);
  return pods;
}

async function setGate(kube: Kube, namespace: string, name: string, status: string) {
  const patch = { status: { conditions: [{ type, status }] } };
  const options = { type: 'strategic', subresource: 'status' } as const;
  await kube.patch({ resource: 'pods', namespace, name }, patch, options);
}

async function serving(kube: Kube, namespace: string) {
  const { services } = await readStatus(kube, { namespace });
  const of = (service: string) =>
    services
      .filter(({ name }) => name === service)
      .flatMap(({ endpoints }) => endpoints.flatMap(({ pod, ready }) => (ready && pod ? pod : [])));
  return { web: of('web'), all: of('all') };
}

describe.concurrent('route gate', () => {
  it('takes a Pod out of ready and of publishing Services, and brings it home as it was', async () => {
    const { kube } = world;
    const namespace = await createNamespace(kube, 'gated');
    const [pod] = await deployGated(kube, namespace);
    const name = pod?.metadata?.name ?? '';
    await until('the Deployment to have counted them', async () => {
      const web = await kube.get<{ status?: { availableReplicas?: number } }>({
        resource: 'deployments',
        namespace,
        name: 'web',
      });
      return web?.status?.availableReplicas === 2;
    });
    const before = await readWorld(kube, namespace);

    const plan = await createPlan(world.user, {
      target: name,
      namespace,
      dryRun: 'server',
      route: 'gate',
    });
    expect(plan.status).toMatchObject({
      route: { name: 'gate' },
      labels: { tier: null },
      conditions: [type],
    });
    const isolated = await isolatePod(world.user, { target: name, namespace, route: 'gate' });
    expect(isolated.status).toMatchObject({ phase: 'Isolated', podOut: true });
    const out = await serving(kube, namespace);
    expect([out.web, out.all]).toEqual([[expect.not.stringMatching(name)], [out.web[0]]]);
    const during = await kube.get<Pod>({ resource: 'pods', namespace, name });
    expect(during?.metadata?.ownerReferences).toHaveLength(1);
    expect(during?.status?.conditions?.find((each) => each.type === type)).toMatchObject({
      status: 'False',
      message: `taken out of traffic by session ${isolated.metadata.name}`,
    });

    const [restored] = await restorePods(world.user, { namespace, pod: name });
    expect(restored?.status).toMatchObject({ phase: 'Succeeded', podOut: false });
    await until('the world to read as before', async () => {
      expect(await readWorld(kube, namespace)).toEqual(before);
      return true;
    });
  });

  it('tells when something else opens the gate during the work', async ({ onTestFinished }) => {
    const { kube } = world;
    const namespace = await createNamespace(kube, 'opened');
    const [pod] = await deployGated(kube, namespace);
    const name = pod?.metadata?.name ?? '';
    let opened = false;
    const session = await runSession(
      world.user,
      {
        target: name,
        namespace,
        route: 'gate',
        settleMs: 50,
        command: ['sh', '-c', 'sleep 2; echo evidence'],
        output: '/tmp/',
      },
      {
        onEvent: ({ type, ...event }) => {
          if (opened || type !== 'step-started' || !('step' in event)) return;
          if (event.step !== 'diagnose') return;
          opened = true;
          void setGate(kube, namespace, name, 'True');
        },
      },
    );
    onTestFinished(() => rm(session.status.artifact?.path ?? '', { force: true }));
    expect(session.status).toMatchObject({
      phase: 'Succeeded',
      artifact: { verified: true },
      warnings: expect.arrayContaining([
        expect.stringContaining('condition pitstop.dev/in-service was set again'),
      ]),
    });
    const after = await kube.get<Pod>({ resource: 'pods', namespace, name });
    expect(after?.status?.conditions?.find((each) => each.type === type)?.status).toBe('True');
    expect(after?.metadata?.labels).toMatchObject({ tier: 'front' });
  });
});
