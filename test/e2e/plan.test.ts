import type { Pod, PodSpec } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describe, expect, it } from 'vitest';
import { createPlan, type Plan } from '../../src/engine/index.ts';
import { connect, type Kube, type KubeObject, type ResourceName } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { sleeperImage } from '../support/images.ts';
import { runInProcess } from '../support/in-process.ts';
import { kubectl } from '../support/kubectl.ts';
import { createNamespace } from '../support/target-cluster.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();

const labels = { app: 'web', tier: 'front' };
const spec: PodSpec = {
  terminationGracePeriodSeconds: 0,
  containers: [{ name: 'web', image: sleeperImage, command: ['sleep', '100000'] }],
};
const template = { metadata: { labels }, spec };

/** A Service on `tier` and whatever is to be planned for, in a namespace of its own; answers its name. */
async function deploy(
  kube: Kube,
  wanted: string,
  manifests: readonly (readonly [ResourceName, object])[],
): Promise<string> {
  const namespace = await createNamespace(kube, wanted);
  const service = { selector: { tier: 'front' }, ports: [{ port: 80, targetPort: 8080 }] };
  await create(kube, namespace, 'services', { spec: service });
  for (const [resource, rest] of manifests) await create(kube, namespace, resource, rest);
  return namespace;
}

async function create(
  kube: Kube,
  namespace: string,
  resource: ResourceName,
  rest: object,
): Promise<KubeObject> {
  const { metadata } = rest as KubeObject;
  return await kube.create(resource, {
    ...rest,
    metadata: { name: 'web', ...metadata, namespace },
  });
}

/** The plan of the one Pod there is, once the Service lists it ready. */
async function plan(
  kube: Kube,
  namespace: string,
  request: Partial<Parameters<typeof createPlan>[1]> = {},
  user = kube === world.kube ? world.user : kube,
): Promise<Plan['status']> {
  const target = await until(`service/web of ${namespace} lists a Pod`, async () => {
    const slices = await kube.list<EndpointSlice>('endpointslices', { namespace });
    const ready = slices
      .flatMap(({ endpoints }) => endpoints ?? [])
      .find(({ conditions }) => conditions?.ready);
    return ready?.targetRef?.name;
  });
  const asked = { target: target ?? '', namespace, diagnostic: 'none', ...request };
  return (await createPlan(user, asked)).status;
}

describe.concurrent('the plan knows its owner', () => {
  it('a ReplicationController, which lets go of a Pod as a ReplicaSet does', async () => {
    const { kube } = world;
    const rest = { spec: { replicas: 1, selector: labels, template } };
    const namespace = await deploy(kube, 'plan-rc', [['replicationcontrollers', rest]]);
    expect(await plan(kube, namespace)).toMatchObject({
      owner: { kind: 'replicationcontroller', name: 'web', desiredReplicas: 1 },
      route: { name: 'release' },
      labels: { tier: null },
    });
  });

  it('a Job, which leaves the labels of its template alone', async () => {
    const { kube } = world;
    const namespace = await deploy(kube, 'plan-job', [
      ['jobs', { spec: { template: { ...template, spec: { ...spec, restartPolicy: 'Never' } } } }],
    ]);
    const { route, labels: changed, owner } = await plan(kube, namespace);
    expect({ owner, changed, name: route.name }).toEqual({
      owner: { kind: 'job', name: 'web' },
      changed: { tier: null },
      name: 'label',
    });
    await expect(plan(kube, namespace, { route: 'release' })).rejects.toMatchObject({
      code: 'no-route',
      message: expect.stringContaining('job/web would start another Pod'),
    });
  });

  it('one of a kind that it does not know, by what that selects on', async () => {
    const { kube } = world;
    const namespace = await deploy(kube, 'plan-foreign', []);
    // Stands in for a kind of somebody else's: it has a spec.selector, and owns Pods.
    const selector = { matchLabels: { app: 'web' } };
    const foreign = { spec: { selector, minAvailable: 0 } };
    const { metadata } = await create(kube, namespace, 'poddisruptionbudgets', foreign);
    const owner = {
      kind: 'PodDisruptionBudget',
      name: 'web',
      uid: metadata?.uid,
      controller: true,
    };
    const ownerReferences = [{ apiVersion: 'policy/v1', ...owner }];
    await create(kube, namespace, 'pods', { metadata: { labels, ownerReferences }, spec });
    // Somebody who may not read that kind has no way out: see "no label is changed".
    expect(await plan(kube, namespace, {}, kube)).toMatchObject({
      owner: { kind: 'poddisruptionbudget', name: 'web' },
      route: {
        name: 'label',
        reasons: [expect.stringContaining('which poddisruptionbudget/web does not select on')],
      },
    });
  });

  it('one that selects on nothing it can read: then no label is changed', async () => {
    const { kube } = world;
    const namespace = await deploy(kube, 'plan-unknown', []);
    const { metadata } = await create(kube, namespace, 'configmaps', {});
    const owner = { kind: 'ConfigMap', name: 'web', uid: metadata?.uid, controller: true };
    const ownerReferences = [{ apiVersion: 'v1', ...owner }];
    await create(kube, namespace, 'pods', { metadata: { labels, ownerReferences }, spec });
    await expect(plan(kube, namespace)).rejects.toMatchObject({
      code: 'no-route',
      message: expect.stringContaining(
        'label: what configmap/web (v1) selects its Pods by is not known',
      ),
    });
    expect((await plan(kube, namespace, { route: 'selector' })).route.name).toBe('selector');
  });
});

it.concurrent('finds the Pod of whatever is named, also as kubectl prints it', async () => {
  const { kube } = world;
  const namespace = await deploy(kube, 'plan-targets', [
    ['replicationcontrollers', { spec: { replicas: 1, selector: labels, template } }],
    ['services', { metadata: { name: 'bare' }, spec: { ports: [{ port: 80 }] } }],
  ]);
  await plan(kube, namespace);
  const [pod] = await kube.list<Pod>('pods', { namespace });
  await create(kube, namespace, 'endpointslices', {
    metadata: { name: 'by-hand', labels: { 'kubernetes.io/service-name': 'bare' } },
    addressType: 'IPv4',
    ports: [],
    endpoints: [{ addresses: [pod?.status?.podIP] }],
  });
  const targets = ['rc/web', 'replicationcontroller/web', 'svc/web', 'service/bare'];
  const found = targets.map((target) => createPlan(world.user, { target, namespace }));
  const names = (await Promise.all(found)).map(({ spec: { pod: name } }) => name);
  expect(new Set(names)).toEqual(new Set([pod?.metadata?.name]));
  await expect(
    createPlan(world.user, { target: 'deployment.apps/web', namespace }),
  ).rejects.toMatchObject({
    code: 'target-not-found',
    message: `deployment.apps/web not found in namespace ${namespace}`,
  });
  await expect(
    createPlan(kube, { target: 'rc/web', namespace, diagnostic: 'jvm-haep' }),
  ).rejects.toMatchObject({
    code: 'diagnostic-unavailable',
    message: 'there is no diagnostic "jvm-haep"',
  });
  await expect(createPlan(kube, { target: 'web', namespace: 'plan-trgets' })).rejects.toMatchObject(
    {
      code: 'pod-not-found',
      message: 'pod plan-trgets/web not found: there is no namespace plan-trgets',
      hint: 'kubectl get namespaces',
    },
  );
});

it.concurrent('says what a run would refuse, in its words and with its exit code', async () => {
  const { kube, kubeconfigPath } = world;
  const namespace = await deploy(kube, 'plan-refused', [['pods', { metadata: { labels }, spec }]]);
  await plan(kube, namespace);
  const type = async (verb: string, ...flags: string[]) =>
    await runInProcess([verb, 'web', '-n', namespace, '--override=last-endpoint', ...flags], {
      kubeconfig: kubeconfigPath,
    });
  const variants = [
    [],
    ['--diagnostic=node-heap'],
    ['--diagnostic=jvm-threads', '--', '--nonsense'],
    ['--keep=replacement', '--', 'true'],
    ['-O', '/proc/nowhere/', '--', 'true'],
  ].map(async (flags) => {
    const [asked, foretold] = await Promise.all([
      type('run', ...flags),
      type('run', '--dry-run=client', '-o=json', ...flags),
    ]);
    const { refused } = (JSON.parse(foretold.stdout) as Plan).status;
    const hint = refused?.hint ? `hint: ${refused.hint}\n` : '';
    expect(asked).toMatchObject({ code: 2, stderr: `error: ${refused?.message}\n${hint}` });
    expect(foretold.code).toBe(2);
  });
  const [{ code, stdout }, isolated, planned] = await Promise.all([
    type('plan', '--diagnostic=node-heap'),
    type('isolate', '--dry-run=client'),
    type('plan', '--', 'true'),
    ...variants,
  ]);
  expect(code).toBe(2);
  expect(stdout).toContain('\nA pit stop would be refused (exit code 2):\n');
  expect(stdout).toContain('\n  ✗ diagnostic-unavailable: no diagnostic works in container web');
  expect(stdout).toContain(`\n  kubectl pitstop isolate web -n ${namespace} --override=`);
  // What runs nothing is not refused for having nothing to run.
  expect([isolated.code, planned.code]).toEqual([0, 0]);
});

describe.concurrent('--dry-run=server', () => {
  it('sends every write, and nothing of them stays', async () => {
    const { kube } = world;
    const namespace = await deploy(kube, 'plan-dry', [['pods', { metadata: { labels }, spec }]]);
    await plan(kube, namespace);
    const pod = await kube.get<Pod>({ resource: 'pods', namespace, name: 'web' });
    await create(kube, namespace, 'endpointslices', {
      metadata: { name: 'by-hand', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [],
      endpoints: [{ addresses: [pod?.status?.podIP] }],
    });
    const neighbour = await createNamespace(kube, 'plan-neighbour');
    await create(kube, neighbour, 'endpointslices', {
      metadata: { name: 'elsewhere', labels: { 'kubernetes.io/service-name': 'other' } },
      addressType: 'IPv4',
      ports: [],
      endpoints: [{ addresses: [pod?.status?.podIP] }],
    });
    const before = await readWorld(kube, namespace);
    const { dryRun, warnings } = await plan(kube, namespace, {
      dryRun: 'server',
      route: 'selector',
    });
    expect(warnings).toContainEqual(
      expect.stringContaining(`endpointslice/elsewhere of service/other in namespace ${neighbour}`),
    );
    expect(dryRun).toEqual([
      { object: 'pod/web', verdict: 'accepted' },
      { object: 'service/web', verdict: 'accepted' },
      { object: 'endpointslice/by-hand', verdict: 'accepted' },
    ]);
    expect(await readWorld(kube, namespace)).toEqual(before);
  });

  it('goes by the permissions where a webhook cannot be asked', async () => {
    const { kube, kubeconfigPath } = world;
    const namespace = await deploy(kube, 'plan-webhook', [
      ['pods', { metadata: { labels }, spec }],
    ]);
    await plan(kube, namespace);
    const message = 'admission webhook "audit.example.com" does not support dry run';
    const body = { kind: 'Status', status: 'Failure', reason: 'BadRequest', code: 400, message };
    await using proxy = await FaultProxy.start(kubeconfigPath, ({ method }) =>
      method === 'PATCH' ? { kind: 'answer', status: 400, body } : undefined,
    );
    await using through = await connect({ kubeconfig: kubeconfigPath, server: proxy.url });
    const { dryRun } = await plan(through, namespace, { dryRun: 'server' });
    expect(dryRun).toEqual([
      {
        object: 'pod/web',
        verdict: 'unchecked',
        message: expect.stringContaining(`${message}; that the user may write it was asked`),
      },
    ]);
  });

  it('shows the plan also to somebody who may only look', async () => {
    const { kube, kubeconfigPath } = world;
    const namespace = await deploy(kube, 'plan-viewer', [['pods', { metadata: { labels }, spec }]]);
    await plan(kube, namespace);
    const binding = ['viewer', '--clusterrole=view', '--user=joe', '-n', namespace];
    await kubectl(kubeconfigPath, ['create', 'rolebinding', ...binding]);
    await using joe = await connect({ kubeconfig: kubeconfigPath, as: 'joe' });
    const { interlocks, dryRun } = await plan(joe, namespace, { dryRun: 'server' });
    expect(interlocks.map(({ name }) => name)).toContain('rbac');
    expect(dryRun).toEqual([
      {
        object: 'pod/web',
        verdict: 'unchecked',
        message: expect.stringMatching(/joe.*cannot patch.*\(interlock rbac\)$/),
      },
    ]);
  });
});
