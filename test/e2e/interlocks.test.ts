import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Pod, PodSpec, Service } from 'kubernetes-types/core/v1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createPlan,
  isolatePod,
  planRole,
  restorePods,
  runSession,
  type InterlockName,
  type SessionRequest,
} from '../../src/engine/index.ts';
import { hasNamespaces } from '../../src/cluster/network/index.ts';
import { connect, type Kube, type KubeObject, type ResourceName } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { sleeperImage } from '../support/images.ts';
import { kubectl } from '../support/kubectl.ts';
import { deployMyApi } from '../support/my-api.ts';
import { deploySmallApp } from '../support/small-app.ts';
import { createNamespace, namespaceName } from '../support/target-cluster.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();
const gate = 'pitstop.dev/in-service';
let output = '';
beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), 'pitstop-interlocks-'));
});
afterAll(() => rm(output, { recursive: true }));

interface Case {
  readonly interlock: InterlockName;
  readonly when: string;
  /** Brings it about in the namespace; answers the target. */
  readonly deploy: (kube: Kube, namespace: string) => Promise<string>;
  readonly request?: Partial<SessionRequest>;
  /** The object and the numbers that the refusal names. */
  readonly says: RegExp;
  /** The world goes on changing by itself. */
  readonly restless?: boolean;
  /** Why it can only be shown on the embedded cluster. */
  readonly embeddedOnly?: string;
}

type Manifests = { readonly deployment: Deployment; readonly service: Service };

function changePod(change: (spec: PodSpec) => void) {
  return ({ deployment }: Manifests) => {
    const spec = deployment.spec?.template.spec;
    if (spec) change(spec);
  };
}

async function create(kube: Kube, resource: ResourceName, object: KubeObject): Promise<void> {
  await kube.create(resource, object);
}

/** The example app on Node, with what presses its container. */
async function deployPressed(
  kube: Kube,
  namespace: string,
  change: (spec: PodSpec) => void,
): Promise<string> {
  const options = { namespace, runtime: 'node', replicas: 1, heapMb: 5 } as const;
  await deployMyApi(kube, { ...options, change: changePod(change) });
  return 'deploy/my-api-deploy';
}

/** Two Pods whose Service only a Pod of its own makes Pods ready for. */
async function deployGated(kube: Kube, namespace: string, publishes: boolean): Promise<string> {
  await createNamespace(kube, namespace);
  const labels = { app: 'web' };
  await create(kube, 'services', {
    metadata: { name: 'web', namespace },
    spec: { selector: labels, ports: [{ port: 80 }], publishNotReadyAddresses: publishes },
  } as Service);
  await create(kube, 'deployments', {
    metadata: { name: 'web', namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          readinessGates: [{ conditionType: gate }],
          containers: [{ name: 'web', image: sleeperImage, command: ['sleep', '100000'] }],
        },
      },
    },
  } as Deployment);
  const pods = await until('two Pods', async () => {
    const all = await kube.list<Pod>('pods', { namespace });
    return all.length === 2 && all.every(({ status }) => status?.phase === 'Running') && all;
  });
  for (const { metadata } of pods) {
    await kube.patch(
      { resource: 'pods', namespace, name: metadata?.name ?? '' },
      { status: { conditions: [{ type: gate, status: 'True' }] } },
      { type: 'strategic', subresource: 'status' },
    );
  }
  await until('both are ready', async () => {
    const all = await kube.list<Pod>('pods', { namespace });
    return all.every(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    );
  });
  return 'deploy/web';
}

const cases: readonly Case[] = [
  {
    interlock: 'last-endpoint',
    when: 'nobody else is ready',
    async deploy(kube, namespace) {
      await deploySmallApp(kube, { namespace, replicas: 1 });
      return 'deploy/web';
    },
    says: /service\/web: the Pod is its only ready endpoint/,
  },
  {
    interlock: 'last-endpoint',
    when: 'fewer would remain than must',
    async deploy(kube, namespace) {
      await deploySmallApp(kube, { namespace });
      return 'deploy/web';
    },
    request: { minReady: { percent: 100 } },
    says: /service\/web: 1 other ready endpoint would remain, and 2 \(100% of those now\) must/,
  },
  {
    interlock: 'rollout',
    when: 'a rollout is half-way',
    async deploy(kube, namespace) {
      const { pods } = await deploySmallApp(kube, { namespace });
      const container = { name: 'web', readinessProbe: { exec: { command: ['false'] } } };
      await kube.patch(
        { resource: 'deployments', namespace, name: 'web' },
        { spec: { template: { spec: { containers: [container] } } } },
        { type: 'strategic' },
      );
      await until('a Pod of the new revision', async () => {
        const name = 'web';
        const found = await kube.get<Deployment>({ resource: 'deployments', namespace, name });
        return found?.status?.updatedReplicas === 1;
      });
      return pods[0]!;
    },
    says: /deployment\/web: 1 of 2 replicas are of the new revision; this Pod is of an old revision/,
    restless: true,
  },
  {
    interlock: 'pdb',
    when: 'a budget allows no disruption',
    async deploy(kube, namespace) {
      await deploySmallApp(kube, { namespace });
      const name = 'web';
      await create(kube, 'poddisruptionbudgets', {
        metadata: { name, namespace },
        spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
      } as KubeObject);
      await until('the budget has been counted', async () => {
        const budget = await kube.get<{ status?: { currentHealthy?: number } }>({
          resource: 'poddisruptionbudgets',
          namespace,
          name,
        });
        return budget?.status?.currentHealthy === 2;
      });
      return 'deploy/web';
    },
    says: /poddisruptionbudget\/web: it allows no disruption now \(minAvailable 2\): 2 of 2 Pods/,
  },
  {
    interlock: 'hpa-scale-down',
    when: 'an unready Pod would be its first victim',
    async deploy(kube, namespace) {
      const target = await deployGated(kube, namespace, false);
      const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
      await create(kube, 'horizontalpodautoscalers', {
        metadata: { name: 'web', namespace },
        spec: { maxReplicas: 9, scaleTargetRef },
      } as KubeObject);
      await kube.patch(
        { resource: 'horizontalpodautoscalers', namespace, name: 'web' },
        { status: { currentReplicas: 2, desiredReplicas: 2 } },
        { type: 'merge', subresource: 'status' },
      );
      return target;
    },
    says: /horizontalpodautoscaler\/web: it may scale deployment\/web down \(2 replicas now, at least 1\)/,
  },
  {
    interlock: 'publish-not-ready',
    when: 'route gate would change nothing',
    deploy: (kube, namespace) => deployGated(kube, namespace, true),
    request: { route: 'gate' },
    says: /service\/web: it publishes Pods that are not ready/,
  },
  {
    interlock: 'not-ready',
    when: 'the Pod is not Ready',
    async deploy(kube, namespace) {
      await createNamespace(kube, namespace);
      return await createPod(kube, namespace, {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'web',
            image: sleeperImage,
            command: ['sleep', '1000'],
            readinessProbe: { exec: { command: ['false'] } },
          },
        ],
      });
    },
    says: /pod\/lonely: the Pod is not Ready \(containers with unready status: \[web\]\)/,
    restless: true,
  },
  {
    interlock: 'not-running',
    when: 'the container crashes',
    async deploy(kube, namespace) {
      await createNamespace(kube, namespace);
      const command = ['sh', '-c', 'exit 3'];
      return await createPod(
        kube,
        namespace,
        { containers: [{ name: 'web', image: sleeperImage, command }] },
        ({ status }) =>
          status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
      );
    },
    says: /pod\/lonely: container web does not run: .*exit code 3/,
    restless: true,
  },
  {
    interlock: 'terminating',
    when: 'the Pod is being deleted',
    async deploy(kube, namespace) {
      await createNamespace(kube, namespace);
      const name = await createPod(kube, namespace, sleeper, undefined, {
        finalizers: ['test.pitstop.dev/hold'],
      });
      await kube.delete({ resource: 'pods', namespace, name });
      return name;
    },
    says: /pod\/lonely: the Pod is being deleted/,
    restless: true,
  },
  {
    interlock: 'owner-gone',
    when: 'its owner does not exist any more',
    async deploy(kube, namespace) {
      await createNamespace(kube, namespace);
      // The finalizer holds it against the garbage collector, which is after it.
      return await createPod(kube, namespace, sleeper, () => true, {
        finalizers: ['test.pitstop.dev/hold'],
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: 'gone',
            uid: 'no-uid',
            controller: true,
          },
        ],
      });
    },
    says: /pod\/lonely: its owner replicaset\/gone \(uid no-uid\) does not exist any more/,
    restless: true,
  },
  {
    interlock: 'static-pod',
    when: 'the Pod is the mirror of a static one',
    async deploy(kube, namespace) {
      await createNamespace(kube, namespace);
      const [node] = await kube.list<KubeObject>('nodes');
      const spec = { ...sleeper, nodeName: node?.metadata?.name ?? '' };
      const annotations = { 'kubernetes.io/config.mirror': 'abc' };
      return await createPod(kube, namespace, spec, () => true, { annotations });
    },
    says: /pod\/lonely: the Pod is a mirror of a static Pod of node /,
    restless: true,
    embeddedOnly: 'another kubelet removes a mirror that no file stands behind',
  },
  {
    interlock: 'host-network',
    when: "the Pod uses its node's network",
    async deploy(kube, namespace) {
      await createNamespace(kube, namespace);
      return await createPod(kube, namespace, { ...sleeper, hostNetwork: true });
    },
    says: /pod\/lonely: the Pod uses the network of node /,
  },
  {
    interlock: 'statefulset-ordinal',
    when: 'an ordinal would be released',
    async deploy(kube, namespace) {
      await createNamespace(kube, namespace);
      const labels = { app: 'web' };
      await create(kube, 'services', {
        metadata: { name: 'web', namespace },
        spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80 }] },
      } as Service);
      await create(kube, 'statefulsets', {
        metadata: { name: 'web', namespace },
        spec: {
          replicas: 2,
          serviceName: 'web',
          podManagementPolicy: 'Parallel',
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: sleeper },
        },
      } as KubeObject);
      await until('both are listed', async () => {
        const slices = await kube.list<{ endpoints?: { conditions?: { ready?: boolean } }[] }>(
          'endpointslices',
          { namespace },
        );
        const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
        return endpoints.length === 2 && endpoints.every(({ conditions }) => conditions?.ready);
      });
      return 'pod/web-0';
    },
    says: /statefulset\/web: releases web-0 and starts no replacement/,
  },
  {
    interlock: 'gitops-service',
    when: 'somebody would put the selector back',
    async deploy(kube, namespace) {
      await deploySmallApp(kube, {
        namespace,
        change: ({ service }) => {
          service.metadata!.annotations = { 'argocd.argoproj.io/tracking-id': 'shop' };
        },
      });
      return 'deploy/web';
    },
    request: { route: 'selector' },
    says: /service\/web: Argo CD keeps it \(argocd\.argoproj\.io\/tracking-id\)/,
  },
  {
    interlock: 'liveness-budget',
    embeddedOnly: 'only the embedded cluster has the image of the example',
    when: 'the kubelet would restart it meanwhile',
    deploy: (kube, namespace) =>
      deployPressed(kube, namespace, (spec) => {
        const [container] = spec.containers;
        container!.resources = { limits: { cpu: '100m' } };
        container!.livenessProbe = {
          ...container!.livenessProbe,
          failureThreshold: 1,
          // Here it is only looked at: on a busy machine the app may not answer in time.
          initialDelaySeconds: 3600,
        };
      }),
    request: { overrides: ['last-endpoint'] },
    says: /container my-api may stand still for .* 1 MB\/s at worst\); after 2 s its livenessProbe \(GET \/healthz/,
  },
  {
    interlock: 'memory',
    embeddedOnly: 'only the embedded cluster has the image of the example',
    when: 'a heap snapshot needs more than the limit leaves',
    deploy: (kube, namespace) =>
      deployPressed(kube, namespace, (spec) => {
        spec.containers[0]!.resources = { limits: { memory: '128Mi' } };
      }),
    request: { overrides: ['last-endpoint'] },
    says: /it may take .* more memory \(.*\), and the limit of container my-api leaves .* of 128\.0 MiB/,
  },
  {
    interlock: 'ephemeral-storage',
    embeddedOnly: 'only the embedded cluster has the image of the example',
    when: 'the kubelet would evict the Pod',
    deploy: (kube, namespace) =>
      deployPressed(kube, namespace, (spec) => {
        const limits = { 'ephemeral-storage': '10Mi', memory: '128Mi' };
        spec.containers[0]!.resources = { limits };
      }),
    request: { overrides: ['last-endpoint', 'memory'] },
    says: /the artifact may take .*, and in .* the ephemeral-storage limit of container my-api leaves 10\.0 MiB/,
  },
];

const sleeper: PodSpec = {
  terminationGracePeriodSeconds: 0,
  containers: [{ name: 'web', image: sleeperImage, command: ['sleep', '100000'] }],
};

/** A Pod of nobody, in no Service; by default resolves when it runs. */
async function createPod(
  kube: Kube,
  namespace: string,
  spec: PodSpec,
  isThere: (pod: Pod) => boolean = ({ status }) => status?.phase === 'Running',
  metadata: object = {},
): Promise<string> {
  const name = 'lonely';
  await create(kube, 'pods', { metadata: { name, namespace, ...metadata }, spec } as Pod);
  await until(`pod ${namespace}/${name}`, async () => {
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name });
    return pod !== undefined && isThere(pod);
  });
  return name;
}

/** The same connection, and the writes that go over it; asking what one may do is none. */
function recordWrites(kube: Kube): { readonly kube: Kube; readonly writes: readonly string[] } {
  const writes: string[] = [];
  const recorded = new Proxy(kube, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: readonly unknown[]) => {
        const [first] = args as [{ readonly resource?: string } | string];
        const resource = typeof first === 'string' ? first : first.resource;
        if (['create', 'patch', 'delete'].includes(String(property))) {
          if (!resource?.startsWith('selfsubject')) writes.push(`${String(property)} ${resource}`);
        }
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  return { kube: recorded, writes };
}

/** A namespace ends only when its Pods may. */
async function letGo(kube: Kube, namespace: string): Promise<void> {
  for (const { metadata } of await kube.list<Pod>('pods', { namespace })) {
    if (!metadata?.finalizers) continue;
    const reference = { resource: 'pods', namespace, name: metadata.name ?? '' } as const;
    await kube.patch(reference, { metadata: { finalizers: null } }, { type: 'merge' });
  }
}

describe.concurrent('refuses before anything is written', () => {
  it.for(cases)('$interlock: when $when', async (each, { skip, onTestFinished }) => {
    const { interlock, deploy, request = {}, says, restless, embeddedOnly } = each;
    if (embeddedOnly !== undefined && !world.embedded) skip(embeddedOnly);
    const { kube } = world;
    const namespace = namespaceName(`refuse-${interlock}${request.minReady ? '-some' : ''}`);
    onTestFinished(() => letGo(kube, namespace));
    const target = await deploy(kube, namespace);
    const before = restless ? undefined : await readWorld(kube, namespace);
    const home = join(output, namespace);
    const asked = { target, namespace, output: `${home}/`, ...request };
    const session = recordWrites(world.user);
    const refused = await runSession(session.kube, asked).then(
      () => undefined,
      (error: unknown) => error as { code: string; message: string },
    );
    expect(refused).toMatchObject({ code: 'interlock' });
    expect(refused?.message).toContain(`interlock ${interlock}: `);
    expect(refused?.message).toMatch(says);
    expect(session.writes).toEqual([]);
    expect(existsSync(home)).toBe(false);
    expect(before && (await readWorld(kube, namespace))).toEqual(before);
  });
});

describe('who may', () => {
  const as = (username: string): Promise<Kube> =>
    connect({ kubeconfig: world.kubeconfigPath, as: username });
  const apply = async (yaml: string) => {
    const args = ['apply', '-f', '-'];
    const { code, stderr } = await kubectl(world.kubeconfigPath, args, { input: yaml });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };

  it('do nothing at all is told everything at once, with the Role that grants it', async () => {
    const { kube } = world;
    const namespace = namespaceName('nobody');
    await deploySmallApp(kube, { namespace, route: 'label' });
    await using jane = await as('jane');
    const asked = { target: 'deploy/web', namespace, command: ['true'] };
    const refused = await runSession(jane, asked).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'interlock',
      message:
        'interlock rbac: user/jane: may not get, list, watch, patch pods; list services; ' +
        'list, watch endpointslices.discovery.k8s.io; get deployments.apps; get, create pods/exec ' +
        `in namespace ${namespace}`,
    });
    const { hint = '' } = refused as { readonly hint?: string };
    const [, yaml = ''] = /<<'EOF'\n([\s\S]*)EOF$/.exec(hint) ?? [];
    await apply(yaml);

    // Now she may look at the Pod, but not yet at who owns it.
    const more = await createPlan(jane, asked).catch((error: unknown) => error);
    expect(more).toMatchObject({
      code: 'interlock',
      message:
        'interlock rbac: user/jane: may not get replicasets.apps; get statefulsets.apps; ' +
        `get daemonsets.apps; get replicationcontrollers; get jobs.batch in namespace ${namespace}`,
    });
    await apply(await planRole(jane, asked));
    const plan = await createPlan(jane, asked);
    expect(plan.status.interlocks).toEqual([]);
  });

  it('look but not write is refused before anything is touched; with the Role it goes through', async () => {
    const { kube } = world;
    const namespace = namespaceName('looker');
    await deploySmallApp(kube, { namespace, route: 'label' });
    await kubectl(world.kubeconfigPath, [
      'create',
      'rolebinding',
      'view',
      `--namespace=${namespace}`,
      '--clusterrole=view',
      '--user=joe',
    ]);
    await using joe = await as('joe');
    const asked = { target: 'deploy/web', namespace };
    const before = await readWorld(kube, namespace);
    await expect(isolatePod(joe, asked)).rejects.toMatchObject({
      code: 'interlock',
      message: `interlock rbac: user/joe: may not patch pods; get, create pods/exec in namespace ${namespace}`,
    });
    expect(await readWorld(kube, namespace)).toEqual(before);
    await apply(await planRole(joe, asked));
    const plan = await createPlan(joe, asked);
    expect(plan.status.interlocks).toEqual([]);
  });
});

it.concurrent('finds no room where a container has next to none', async ({ skip }) => {
  if (!world.embedded) skip('only the embedded cluster has the image of the example');
  const { level } = world.cluster;
  if (!hasNamespaces(level)) skip(`at level ${level} volumes are not mounted`);
  const { kube } = world;
  const namespace = namespaceName('refuse-disk');
  const paths = ['/tmp', '/var/tmp', '/dev/shm'];
  const target = await deployPressed(kube, namespace, (spec) => {
    spec.volumes = paths.map((_, at) => ({
      name: `small-${at}`,
      emptyDir: { medium: 'Memory', sizeLimit: '8Mi' },
    }));
    spec.containers[0]!.volumeMounts = paths.map((mountPath, at) => ({
      name: `small-${at}`,
      mountPath,
    }));
  });
  const before = await readWorld(kube, namespace);
  const overrides = ['last-endpoint', 'memory'] as const;
  await expect(runSession(kube, { target, namespace, overrides })).rejects.toMatchObject({
    code: 'interlock',
    message: expect.stringMatching(
      /interlock disk: .*: the artifact may take .*, and only this is free in container my-api: \/tmp 8\.0 MiB, \/var\/tmp 8\.0 MiB/,
    ) as string,
  });
  expect(await readWorld(kube, namespace)).toEqual(before);
});

it.concurrent('two that count on each other: neither leaves a Service without anybody', async () => {
  const { kube } = world;
  const namespace = namespaceName('duel');
  const { pods } = await deploySmallApp(kube, { namespace, route: 'label' });
  const before = await readWorld(kube, namespace);
  const request = { namespace, command: ['true'], output: `${output}/`, settleMs: 3_000 };
  const all = await Promise.allSettled(
    pods.map((target) => isolatePod(world.user, { ...request, target })),
  );
  const out = all.filter((each) => each.status === 'fulfilled' && each.value.status.podOut);
  expect(out.length).toBeLessThan(2);
  for (const each of all) {
    const error = each.status === 'fulfilled' ? each.value.status.error : (each.reason as Error);
    expect([undefined, 'service-emptied', 'interlock']).toContain(
      (error as { code?: string } | undefined)?.code,
    );
  }
  for (const pod of pods) await restorePods(world.user, { namespace, pod }).catch(() => undefined);
  await until('the world to read as before', async () => {
    expect(await readWorld(kube, namespace)).toEqual(before);
    return true;
  });
});

it.concurrent('a Service whose selector one session has taken is nothing for another route', async () => {
  const { kube } = world;
  const namespace = namespaceName('taken');
  const { pods } = await deploySmallApp(kube, { namespace, replicas: 3, route: 'label' });
  const [first = '', second = ''] = pods;
  const out = await isolatePod(world.user, { namespace, target: first, route: 'selector' });
  expect(out.status.podOut).toBe(true);
  await expect(
    isolatePod(world.user, { namespace, target: second, route: 'label' }),
  ).rejects.toMatchObject({
    code: 'interlock',
    message: expect.stringContaining(
      'interlock session-exists: service/web: another session has its selector (route selector)',
    ) as string,
    hint: '--route=selector shares the Service with that session',
  });
  await restorePods(world.user, { namespace, pod: first });
});

it.concurrent('says so when a Service loses its others during the work', async () => {
  const { kube } = world;
  const namespace = namespaceName('lost');
  const { pods } = await deploySmallApp(kube, { namespace, route: 'label' });
  const [target = '', other = ''] = pods;
  const session = await runSession(
    world.user,
    { namespace, target, command: ['sleep', '4'], output: `${output}/` },
    {
      onEvent: (event) => {
        if (event.type !== 'step-started' || event.step !== 'diagnose') return;
        void kube.delete({ resource: 'pods', namespace, name: other });
      },
    },
  );
  expect(session.status).toMatchObject({ phase: 'Succeeded', podOut: false });
  expect(session.status.warnings).toContainEqual(
    expect.stringContaining('service/web has 0 other ready endpoints left, and 1 must remain'),
  );
});
