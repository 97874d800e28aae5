import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { describe, expect, it } from 'vitest';
import {
  isolatePod,
  restorePods,
  type RestoreRequest,
  type Session,
} from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { kubectl } from '../support/kubectl.ts';
import { readyPods } from '../support/my-api.ts';
import { nameOf } from '../support/small-app.ts';
import { until } from '../support/until.ts';
import { deployWorkload, type OwnerKind } from '../support/workload.ts';

const world = useCluster();

async function run(namespace: string, ...args: readonly string[]): Promise<void> {
  const result = await kubectl(world.cluster.kubeconfigPath, ['-n', namespace, ...args]);
  expect({ args, ...result }).toMatchObject({ args, code: 0 });
}

/** A Pod of an owner of that kind, taken out by route release. */
async function isolated(namespace: string, owner: OwnerKind) {
  const { pods } = await deployWorkload(world.kube, { namespace, owner });
  const pod = pods.at(-1) ?? '';
  const overrides = ['statefulset-ordinal'] as const;
  const request = { target: pod, namespace, settleMs: 50, overrides };
  const { status } = await isolatePod(world.kube, request);
  expect(status).toMatchObject({ phase: 'Isolated', route: { name: 'release' } });
  const read = () => world.kube.get<Pod>({ resource: 'pods', namespace, name: pod });
  return { pod, pods, read, uid: (await read())?.metadata?.uid };
}

async function restore(
  namespace: string,
  pod: string,
  request: Partial<RestoreRequest> = {},
): Promise<Session['status']> {
  const options = { namespace, pod, restoreTimeoutMs: 20_000, ...request };
  const [session] = await restorePods(world.kube, options);
  if (!session) throw new Error(`nothing of ${pod} was restored`);
  return session.status;
}

const stays = (message: RegExp) => ({
  phase: 'Failed',
  podOut: true,
  error: { code: 'restore-failed', message: expect.stringMatching(message) },
});
const leaves = { phase: 'Succeeded', podOut: false, restoration: { podDeleted: true } };

describe.concurrent('a Pod that its owner does not want back stays out until it may go', () => {
  it('its ordinal was scaled away', async () => {
    const namespace = 'sts-scaled';
    const { pod } = await isolated(namespace, 'StatefulSet');
    await run(namespace, 'scale', 'statefulset/web', '--replicas=1');
    expect(await restore(namespace, pod)).toMatchObject(stays(/a scale-down to 1 happened/));
    expect(await restore(namespace, pod, { whenUnwanted: 'delete' })).toMatchObject(leaves);
    expect((await readyPods(world.kube, namespace, 1)).map(nameOf)).toEqual(['web-0']);
  });

  it.each([
    ['StatefulSet', /a rollout to revision \S+ would delete it/],
    ['DaemonSet', /its template has changed/],
  ] as const)('its %s was rolled out', async (owner, message) => {
    const namespace = `rolled-${owner.toLowerCase()}`;
    const { pod, uid, read } = await isolated(namespace, owner);
    await run(namespace, 'rollout', 'restart', `${owner.toLowerCase()}/web`);
    await until('the owner to have a new revision', async () => {
      return (await restore(namespace, pod, { restoreTimeoutMs: 1 })).podOut;
    });
    expect(await restore(namespace, pod)).toMatchObject(stays(message));
    expect((await read())?.metadata?.uid).toBe(uid);
    expect(await restore(namespace, pod, { whenUnwanted: 'delete' })).toMatchObject(leaves);
    const pods = await readyPods(world.kube, namespace, 2);
    expect(pods.map(({ metadata }) => metadata?.uid)).not.toContain(uid);
  });

  it('its node is none of the DaemonSet any more', async () => {
    const namespace = 'ds-node';
    const { pod, read } = await isolated(namespace, 'DaemonSet');
    const node = (await read())?.spec?.nodeName ?? '';
    const affinity = { nodeSelectorTerms: [{ matchFields: [field(node)] }] };
    const required = { requiredDuringSchedulingIgnoredDuringExecution: affinity };
    const spec = { affinity: { nodeAffinity: required } };
    // The Pods of a DaemonSet that is not rolled out are judged by its template all the same.
    const updateStrategy = { type: 'OnDelete', rollingUpdate: null };
    const patch = JSON.stringify({ spec: { updateStrategy, template: { spec } } });
    await run(namespace, 'patch', 'daemonset/web', '-p', patch);
    await readyPods(world.kube, namespace, 2);
    await until('the DaemonSet to have left the node', async () => {
      const { error } = await restore(namespace, pod, { restoreTimeoutMs: 5_000 });
      expect(error?.message).toContain(`node ${node} is not one of its nodes now`);
      return true;
    });
  });

  it('and nothing made by hand sends to it again', async () => {
    const { kube } = world;
    const namespace = 'entries';
    const { pods } = await deployWorkload(kube, { namespace, owner: 'Deployment' });
    const [pod = ''] = pods;
    const { status } = (await kube.get<Pod>({ resource: 'pods', namespace, name: pod })) ?? {};
    const ports = [{ port: 80 }];
    const manual = { metadata: { name: 'manual', namespace }, spec: { ports } };
    await kube.create<Service>('services', manual);
    const slice = { resource: 'endpointslices', namespace, name: 'by-hand' } as const;
    await kube.create<EndpointSlice>('endpointslices', {
      metadata: { name: 'by-hand', namespace, labels: { 'kubernetes.io/service-name': 'manual' } },
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: [{ addresses: [status?.podIP ?? ''] }, { addresses: ['10.244.9.9'] }],
    });
    await isolatePod(kube, { target: pod, namespace, settleMs: 50 });
    const left = async () => (await kube.get<EndpointSlice>(slice))?.endpoints.length;
    expect(await left()).toBe(1);
    await run(namespace, 'scale', 'deployment/web', '--replicas=0');
    expect(await restore(namespace, pod)).toMatchObject(stays(/does not want it any more/));
    expect(await left()).toBe(1);
    expect(await restore(namespace, pod, { whenUnwanted: 'delete' })).toMatchObject(leaves);
    expect(await left()).toBe(1);
    expect((await kube.get<EndpointSlice>(slice))?.metadata?.annotations ?? {}).toEqual({});
  });
});

describe.concurrent('--keep=replacement', () => {
  it.each(['ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet'] as const)(
    'of a %s: the Pod goes, and another serves in its place',
    async (owner) => {
      const namespace = `keep-${owner.toLowerCase()}`;
      const { pod, uid, read } = await isolated(namespace, owner);
      const status = await restore(namespace, pod, { keep: 'replacement' });
      expect(status).toMatchObject(leaves);
      expect((await read())?.metadata?.uid).not.toBe(uid);
      const names = (await readyPods(world.kube, namespace, 2)).map(nameOf);
      expect(names).toContain(status.restoration?.replacementKept);
      expect(status.restoration?.slices).toHaveLength(1);
      const hasItsName = status.restoration?.replacementKept === pod;
      expect(hasItsName).toBe(owner === 'StatefulSet');
    },
  );
});

function field(node: string): object {
  return { key: 'metadata.name', operator: 'NotIn', values: [node] };
}
