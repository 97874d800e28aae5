import type { ControllerRevision, DaemonSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { controllerOf, metaOf } from '../object-meta.ts';
import { BY_HAND, podTemplate, slicePodNames, TestCluster } from '../test-cluster.ts';

const namespace = 'default';

interface Options extends Partial<NonNullable<DaemonSet['spec']>> {
  readonly nodes?: readonly string[];
  readonly byHand?: boolean;
  readonly pod?: Partial<Pod['spec']>;
}

async function running(options: Options = {}): Promise<TestCluster> {
  const { nodes = [], byHand = false, pod = {}, ...spec } = options;
  const cluster = new TestCluster();
  for (const node of nodes) cluster.addNode(node);
  cluster.serve('agent');
  const template = podTemplate({ app: 'agent', ...(byHand && { [BY_HAND]: '' }) }, 'agent:1');
  cluster.api.create<DaemonSet>('daemonsets', {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      updateStrategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
      },
      revisionHistoryLimit: 10,
      ...spec,
      template: { ...template, spec: { ...template.spec, ...pod } },
    },
  });
  await cluster.settle();
  return cluster;
}

function setOf(cluster: TestCluster): DaemonSet {
  return cluster.api.get<DaemonSet>('daemonsets', { namespace, name: 'agent' })!;
}

function podsOn(cluster: TestCluster): Record<string, string> {
  return Object.fromEntries(
    cluster.pods().map(({ spec }) => [spec?.nodeName ?? '', spec?.containers[0]?.image ?? '']),
  );
}

function revisions(cluster: TestCluster): ControllerRevision[] {
  return cluster.api
    .list<ControllerRevision>('controllerrevisions', { namespace })
    .toSorted((a, b) => a.revision - b.revision);
}

function setImage(cluster: TestCluster, image: string): void {
  cluster.patch('daemonsets', 'agent', {
    spec: { template: { spec: { containers: [{ name: 'web', image }] } } },
  });
}

function patchNode(cluster: TestCluster, name: string, patch: object): void {
  cluster.api.patch('nodes', { name }, patch, { type: 'merge' });
}

function active(cluster: TestCluster): Pod[] {
  return cluster.pods().filter(({ metadata }) => !metadata?.deletionTimestamp);
}

function end(cluster: TestCluster, pod: Pod): void {
  cluster.api.delete('pods', metaOf(pod), { gracePeriodSeconds: 0 });
}

describe('a DaemonSet', () => {
  it('runs one Pod on each node, bound by affinity, and counts the nodes', async () => {
    await using cluster = await running({ nodes: ['node2'] });
    const pods = cluster.pods();
    expect(Object.keys(podsOn(cluster)).sort()).toEqual(['node1', 'node2']);
    const [pod] = pods;
    const [revision] = revisions(cluster);
    const hash = metaOf(revision!).labels?.['controller-revision-hash'];
    expect(metaOf(revision!).name).toBe(`agent-${hash}`);
    expect(metaOf(pod!).name).toMatch(/^agent-[b-z0-9]{5}$/);
    expect(metaOf(pod!).labels).toEqual({
      app: 'agent',
      'controller-revision-hash': hash,
      'pod-template-generation': '1',
    });
    expect(controllerOf(pod!)).toMatchObject({ kind: 'DaemonSet', name: 'agent' });
    expect(
      pod?.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    ).toEqual({
      nodeSelectorTerms: [
        {
          matchFields: [{ key: 'metadata.name', operator: 'In', values: [pod?.spec?.nodeName] }],
        },
      ],
    });
    expect(pod?.spec?.tolerations).toContainEqual({
      key: 'node.kubernetes.io/unschedulable',
      operator: 'Exists',
      effect: 'NoSchedule',
    });
    expect(setOf(cluster).status).toEqual({
      observedGeneration: 1,
      currentNumberScheduled: 2,
      desiredNumberScheduled: 2,
      numberMisscheduled: 0,
      numberReady: 2,
      numberAvailable: 2,
      updatedNumberScheduled: 2,
    });
    const created = cluster.events().filter(({ reason }) => reason === 'SuccessfulCreate');
    expect(created.map(({ message }) => message)).toContain(`Created pod: ${metaOf(pod!).name}`);
    expect(cluster.errors).toEqual([]);
  });

  it('follows the nodes: their labels, their taints, their coming', async () => {
    await using cluster = await running({ pod: { nodeSelector: { disk: 'ssd' } } });
    expect(podsOn(cluster)).toEqual({});
    expect(setOf(cluster).status).toMatchObject({ desiredNumberScheduled: 0 });
    patchNode(cluster, 'node1', { metadata: { labels: { disk: 'ssd' } } });
    await cluster.settle();
    expect(Object.keys(podsOn(cluster))).toEqual(['node1']);

    // A cordon and a NoSchedule taint only keep new Pods away, and daemons tolerate the former.
    patchNode(cluster, 'node1', { spec: { unschedulable: true } });
    await cluster.settle();
    expect(setOf(cluster).status).toMatchObject({ desiredNumberScheduled: 1 });
    const dedicated = { key: 'dedicated', value: 'x', effect: 'NoSchedule' };
    patchNode(cluster, 'node1', { spec: { taints: [dedicated] } });
    await cluster.settle();
    expect(Object.keys(podsOn(cluster))).toEqual(['node1']);
    expect(setOf(cluster).status).toMatchObject({
      desiredNumberScheduled: 0,
      numberMisscheduled: 1,
    });
    patchNode(cluster, 'node1', { spec: { taints: [{ ...dedicated, effect: 'NoExecute' }] } });
    await cluster.settle();
    expect(podsOn(cluster)).toEqual({});

    cluster.addNode('node2');
    patchNode(cluster, 'node2', { metadata: { labels: { disk: 'ssd' } } });
    await cluster.settle();
    expect(Object.keys(podsOn(cluster))).toEqual(['node2']);
    expect(cluster.errors).toEqual([]);
  });

  it('makes a Pod that failed anew, ever more slowly', async () => {
    await using cluster = await running();
    const fail = async () => {
      const { name, uid } = metaOf(cluster.pods()[0]!);
      cluster.api.patch(
        'pods',
        { namespace, name },
        { status: { phase: 'Failed' } },
        { type: 'merge', subresource: 'status' },
      );
      await cluster.settle();
      return uid;
    };
    const first = await fail();
    const [second] = cluster.pods();
    expect(metaOf(second!).uid).not.toBe(first);
    const failed = await fail();
    expect(metaOf(cluster.pods()[0]!).uid).toBe(failed);
    await cluster.advance(1000);
    expect(metaOf(cluster.pods()[0]!).uid).not.toBe(failed);
    expect(cluster.events().map(({ reason }) => reason)).toContain('FailedDaemonPod');
  });

  it('goes with its Pods and revisions', async () => {
    await using cluster = await running();
    cluster.api.delete(
      'daemonsets',
      { namespace, name: 'agent' },
      { propagationPolicy: 'Foreground' },
    );
    await cluster.settle();
    expect(cluster.pods()).toEqual([]);
    expect(revisions(cluster)).toEqual([]);
    expect(setOf(cluster)).toBeUndefined();
    expect(cluster.errors).toEqual([]);
  });

  it('counts a Pod as available after minReadySeconds', async () => {
    await using cluster = await running({ minReadySeconds: 10 });
    expect(setOf(cluster).status).toMatchObject({ numberReady: 1, numberUnavailable: 1 });
    await cluster.advance(10_000);
    expect(setOf(cluster).status).toMatchObject({ numberReady: 1, numberAvailable: 1 });
  });
});

describe('a Pod of a DaemonSet that is relabelled', () => {
  it('is replaced on the same node, and sends the replacement away when it comes back', async () => {
    await using cluster = await running({ nodes: ['node2'] });
    await cluster.advance(60_000);
    const pod = cluster.pods()[0]!;
    const { name, uid } = metaOf(pod);
    cluster.patch('pods', name, { metadata: { labels: { app: 'quarantine' } } });
    await cluster.settle();
    expect(controllerOf(cluster.pod(name))).toBeUndefined();
    const replacement = cluster
      .pods('app=agent')
      .find(({ spec }) => spec?.nodeName === pod.spec?.nodeName);
    expect(replacement).toBeDefined();
    expect(slicePodNames(cluster.slices('agent'))).not.toContain(name);
    expect(slicePodNames(cluster.slices('agent'))).toContain(metaOf(replacement!).name);

    await cluster.advance(1000);
    cluster.patch('pods', name, { metadata: { labels: { app: 'agent' } } });
    await cluster.settle();
    expect(metaOf(cluster.pod(name)).uid).toBe(uid);
    expect(controllerOf(cluster.pod(name))?.kind).toBe('DaemonSet');
    expect(cluster.hasPod(metaOf(replacement!).name)).toBe(false);
    expect(cluster.pods()).toHaveLength(2);
    expect(cluster.errors).toEqual([]);
  });
});

describe('the rollout of a DaemonSet', () => {
  it('takes as many nodes at a time as may be unavailable', async () => {
    await using cluster = await running({ nodes: ['node2', 'node3'], byHand: true });
    for (const pod of cluster.pods()) cluster.setReady(metaOf(pod).name, true);
    await cluster.settle();
    setImage(cluster, 'agent:2');
    await cluster.advance(60_000);
    expect(active(cluster)).toHaveLength(2);
    end(
      cluster,
      cluster.pods().find(({ metadata }) => metadata?.deletionTimestamp)!,
    );
    await cluster.advance(60_000);
    expect(active(cluster)).toHaveLength(3);
    expect(Object.values(podsOn(cluster)).sort()).toEqual(['agent:1', 'agent:1', 'agent:2']);
    expect(setOf(cluster).status).toMatchObject({ updatedNumberScheduled: 1, numberReady: 2 });
    const fresh = cluster.pods().find((pod) => pod.spec?.containers[0]?.image === 'agent:2')!;
    cluster.setReady(metaOf(fresh).name, true);
    await cluster.settle();
    expect(active(cluster)).toHaveLength(2);
    expect(cluster.errors).toEqual([]);
  });

  it('brings the new Pod up beside the old one where maxSurge says so', async () => {
    await using cluster = await running({
      byHand: true,
      updateStrategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
      },
    });
    const old = cluster.pods()[0]!;
    cluster.setReady(metaOf(old).name, true);
    await cluster.settle();
    setImage(cluster, 'agent:2');
    await cluster.settle();
    expect(active(cluster)).toHaveLength(2);
    const fresh = cluster.pods().find((pod) => metaOf(pod).uid !== metaOf(old).uid)!;
    cluster.setReady(metaOf(fresh).name, true);
    await cluster.settle();
    expect(active(cluster).map((pod) => metaOf(pod).uid)).toEqual([metaOf(fresh).uid]);
  });

  it('replaces with OnDelete only what is deleted', async () => {
    await using cluster = await running({
      nodes: ['node2'],
      updateStrategy: { type: 'OnDelete' },
    });
    setImage(cluster, 'agent:2');
    await cluster.settle();
    expect(podsOn(cluster)).toEqual({ node1: 'agent:1', node2: 'agent:1' });
    const [pod] = cluster.pods();
    cluster.api.delete('pods', metaOf(pod!));
    await cluster.settle();
    expect(podsOn(cluster)[pod?.spec?.nodeName ?? '']).toBe('agent:2');
  });

  it('numbers a template that comes back anew, and forgets the oldest beyond the limit', async () => {
    await using cluster = await running({ revisionHistoryLimit: 1 });
    for (const image of ['agent:2', 'agent:1']) {
      setImage(cluster, image);
      await cluster.settle();
    }
    expect(revisions(cluster).map(({ revision }) => revision)).toEqual([2, 3]);
    setImage(cluster, 'agent:3');
    await cluster.settle();
    expect(revisions(cluster).map(({ revision }) => revision)).toEqual([3, 4]);
    expect(podsOn(cluster)).toEqual({ node1: 'agent:3' });
    expect(cluster.errors).toEqual([]);
  });
});
