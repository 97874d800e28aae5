import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DaemonSet, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod, PodSpec } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { isolatePod, readStatus, restorePods, runSession } from '../../src/engine/index.ts';
import type { Kube, ResourceName } from '../../src/kube/index.ts';
import { useCluster } from '../support/cluster.ts';
import { sleeperImage } from '../support/images.ts';
import { kubectl } from '../support/kubectl.ts';
import { readyPods } from '../support/my-api.ts';
import { createNamespace } from '../support/target-cluster.ts';
import { until } from '../support/until.ts';
import { readWorld } from '../support/world.ts';

const world = useCluster();

const spec: PodSpec = {
  terminationGracePeriodSeconds: 0,
  containers: [
    {
      name: 'web',
      image: sleeperImage,
      command: ['sleep', '100000'],
      ports: [{ name: 'http', containerPort: 8080 }],
    },
  ],
};
const labels = { app: 'web', tier: 'front' };
const template = { metadata: { labels }, spec };
/** The Service selects on one of its keys: there is no way out without the owner noticing. */
const selector = { matchLabels: labels };

type Manifest = readonly [resource: ResourceName, name: string, rest: object];

const replicaSet: Manifest = ['replicasets', 'web', { spec: { replicas: 2, selector, template } }];
const statefulSet: Manifest = [
  'statefulsets',
  'web',
  { spec: { replicas: 2, serviceName: 'web', selector, template } },
];
/** One on each of the two nodes. */
const daemonSet: Manifest = ['daemonsets', 'web', { spec: { selector, template } }];
const barePod = (name: string): Manifest => [
  'pods',
  name,
  { metadata: { labels: { app: 'bare', tier: 'front' } }, spec },
];

/** Puts the manifests behind the Service `web`, and waits for two endpoints. */
async function deploy(
  kube: Kube,
  namespace: string,
  manifests: readonly Manifest[],
): Promise<readonly Pod[]> {
  const service = {
    selector: { tier: 'front' },
    ports: [{ name: 'http', port: 80, targetPort: 8080 }],
  };
  for (const [resource, name, rest] of [
    ['services', 'web', { spec: service }] as const,
    ...manifests,
  ]) {
    const { metadata } = rest as { metadata?: object };
    await kube.create(resource, { ...rest, metadata: { ...metadata, name, namespace } });
  }
  const pods = await readyPods(kube, namespace, 2);
  await until('two ready endpoints', async () => (await endpoints(kube, namespace)).length === 2);
  // A DaemonSet keeps the oldest Pod of a node, by the second.
  await until('the Pods to be older than any replacement', async () =>
    pods.every(
      ({ metadata }) => Date.now() - Date.parse(String(metadata?.creationTimestamp)) > 1000,
    ),
  );
  await until('the workload to have counted them', async () => {
    for (const [resource, name] of manifests) {
      const object = await kube.get<Counted>({ resource, namespace, name });
      const { availableReplicas, numberAvailable } = object?.status ?? {};
      if (resource !== 'pods' && !availableReplicas && !numberAvailable) return false;
    }
    return true;
  });
  return pods;
}

interface Counted {
  readonly status?: { readonly availableReplicas?: number; readonly numberAvailable?: number };
}

async function endpoints(kube: Kube, namespace: string): Promise<readonly string[]> {
  const { services } = await readStatus(kube, { namespace });
  return (services[0]?.endpoints ?? []).flatMap(({ pod, ready }) => (ready && pod ? pod : []));
}

function hasOwner({ metadata }: Pod): boolean {
  return (metadata?.ownerReferences ?? []).length > 0;
}

describe.concurrent('a Pod is taken out and put back, the very same, and nobody else is gone', () => {
  it.each<{
    readonly owner: string;
    readonly manifests: readonly Manifest[];
    readonly route: string;
    /** How many Pods there are, and how many ready endpoints, while it is out. */
    readonly out: { readonly pods: number; readonly endpoints: number };
  }>([
    {
      owner: 'a ReplicaSet without a Deployment',
      manifests: [replicaSet],
      route: 'release',
      out: { pods: 3, endpoints: 2 },
    },
    {
      owner: 'a StatefulSet',
      manifests: [statefulSet],
      route: 'release',
      out: { pods: 2, endpoints: 1 },
    },
    {
      owner: 'a DaemonSet',
      manifests: [daemonSet],
      route: 'release',
      out: { pods: 3, endpoints: 2 },
    },
    {
      owner: 'nobody',
      manifests: [barePod('first'), barePod('second')],
      route: 'label',
      out: { pods: 2, endpoints: 1 },
    },
  ])('from $owner', async ({ owner, manifests, route, out }) => {
    const { kube } = world;
    const wanted = `isolate-${owner.toLowerCase().replaceAll(/\W+/g, '-')}`;
    const namespace = await createNamespace(kube, wanted);
    const pods = await deploy(kube, namespace, manifests);
    const pod = pods.find(hasOwner) ?? pods[0];
    const name = pod?.metadata?.name ?? '';
    const before = await readWorld(kube, namespace);

    const isolated = await isolatePod(world.user, {
      target: name,
      namespace,
      overrides: ['statefulset-ordinal'],
    });
    expect(isolated.status).toMatchObject({
      phase: 'Isolated',
      podOut: true,
      route: { name: route },
      isolation: { services: ['web'] },
    });
    const during = await readyPods(kube, namespace, out.pods);
    await until('the Service to have what is left', async () => {
      const serving = await endpoints(kube, namespace);
      return serving.length === out.endpoints && !serving.includes(name);
    });
    const self = during.find(({ metadata }) => metadata?.name === name);
    expect(self?.metadata?.uid).toBe(pod?.metadata?.uid);
    expect(self && hasOwner(self)).toBe(false);

    const [restored] = await restorePods(world.user, { namespace, pod: name });
    expect(restored?.status).toMatchObject({ phase: 'Succeeded', podOut: false });
    await until('the world to read as before', async () => {
      expect(await readWorld(kube, namespace)).toEqual(before);
      return true;
    });
  });

  it.for([
    { kind: 'sts', manifests: [statefulSet], pod: 'web-0' },
    { kind: 'ds', manifests: [daemonSet], pod: expect.stringMatching(/^web-/) },
  ])('with a command run in between, by $kind/web', async (workload, { onTestFinished }) => {
    const { kind, manifests, pod } = workload;
    const { kube } = world;
    const namespace = await createNamespace(kube, `session-${kind}`);
    await deploy(kube, namespace, manifests);
    const before = await readWorld(kube, namespace);
    const output = join(tmpdir(), `pitstop-${randomUUID()}`);
    onTestFinished(() => rm(output, { recursive: true, force: true }));
    const session = await runSession(world.user, {
      target: `${kind}/web`,
      namespace,
      command: ['sh', '-c', 'echo from $HOSTNAME'],
      output: `${output}/`,
      overrides: ['statefulset-ordinal'],
    });
    expect(session.status.error).toBeUndefined();
    expect(session.status).toMatchObject({ phase: 'Succeeded', route: { name: 'release' } });
    expect(session.spec.pod).toEqual(pod);
    await until('the world to read as before', async () => {
      expect(await readWorld(kube, namespace)).toEqual(before);
      return true;
    });
  });
});

describe.concurrent('kubectl rollout', () => {
  it.each<{ readonly kind: string; readonly resource: ResourceName; readonly manifest: Manifest }>([
    { kind: 'statefulset', resource: 'statefulsets', manifest: statefulSet },
    { kind: 'daemonset', resource: 'daemonsets', manifest: daemonSet },
  ])('restarts a $kind, tells its history and takes a revision back', async (workload) => {
    const { kube, kubeconfigPath } = world;
    const { kind, resource, manifest } = workload;
    const namespace = await createNamespace(kube, `rollout-${kind}`);
    await deploy(kube, namespace, [manifest]);
    const run = async (...args: readonly string[]): Promise<string> => {
      const result = await kubectl(kubeconfigPath, ['-n', namespace, ...args]);
      expect({ args, ...result }).toMatchObject({ args, code: 0, stderr: '' });
      return result.stdout;
    };
    const read = async () =>
      (await kube.get<ReplicaSet & StatefulSet & DaemonSet>({ resource, namespace, name: 'web' }))
        ?.spec?.template;
    const first = await read();

    expect(await run('rollout', 'restart', `${kind}/web`)).toBe(`${kind}.apps/web restarted\n`);
    expect(await run('rollout', 'status', `${kind}/web`, '--timeout=120s')).toMatch(
      kind === 'daemonset'
        ? /daemon set "web" successfully rolled out\n$/
        : /(?:partitioned roll out|statefulset rolling update) complete.*2.*\.\.\.\n$/,
    );
    expect(await run('rollout', 'history', `${kind}/web`)).toBe(
      `${kind}.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n`,
    );
    expect(await run('rollout', 'history', `${kind}/web`, '--revision=2')).toContain(
      'kubectl.kubernetes.io/restartedAt',
    );
    expect(await run('rollout', 'undo', `${kind}/web`)).toBe(`${kind}.apps/web rolled back\n`);
    await run('rollout', 'status', `${kind}/web`, '--timeout=120s');
    expect(await read()).toEqual(first);
    expect(await run('rollout', 'history', `${kind}/web`)).toContain('\n2         <none>\n3 ');
    expect(await run('get', resource)).toMatch(/^NAME +(?:READY|DESIRED)/);
    expect(await run('describe', kind, 'web')).toContain('Events:');
  });
});
