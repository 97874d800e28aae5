import type { Deployment } from 'kubernetes-types/apps/v1.js';
import { describe, expect, it } from 'vitest';
import { controllerOf, metaOf } from '../object-meta.ts';
import { isPodReady } from '../pod-status.ts';
import { BY_HAND, TestCluster } from '../test-cluster.ts';
import { REVISION } from './annotations.ts';
import { findCondition, type NewCondition } from './conditions.ts';
import { templateHash } from './template-hash.ts';

function condition(deployment: Deployment | undefined, type: NewCondition['type']) {
  return findCondition(deployment?.status?.conditions, type);
}

describe('a Deployment', () => {
  it('makes a ReplicaSet as a real cluster does, and reports it', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web');
    await cluster.settle();
    const deployment = cluster.deployment('web');
    const [set] = cluster.replicaSets();
    const hash = set?.metadata?.labels?.['pod-template-hash'];
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
    expect(set).toMatchObject({
      metadata: {
        name: `web-${hash}`,
        labels: { app: 'web', 'pod-template-hash': hash },
        annotations: {
          'deployment.kubernetes.io/desired-replicas': '2',
          'deployment.kubernetes.io/max-replicas': '3',
          [REVISION]: '1',
        },
      },
      spec: { selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } } },
    });
    expect(controllerOf(set!)?.uid).toBe(deployment?.metadata?.uid);
    expect(deployment?.metadata?.annotations).toMatchObject({ [REVISION]: '1' });
    expect(deployment?.status).toMatchObject({
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      terminatingReplicas: 0,
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        },
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: `ReplicaSet "web-${hash}" has successfully progressed.`,
        },
      ],
    });
    expect(deployment?.status?.observedGeneration).toBe(deployment?.metadata?.generation);
    expect(deployment?.status).not.toHaveProperty('unavailableReplicas');
    const [event] = cluster.events().filter(({ reason }) => reason === 'ScalingReplicaSet');
    expect(event).toMatchObject({
      message: `Scaled up replica set web-${hash} from 0 to 2`,
      type: 'Normal',
      count: 1,
      source: { component: 'deployment-controller' },
      reportingComponent: 'deployment-controller',
      involvedObject: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' },
    });
    expect(cluster.errors).toEqual([]);
  });

  it('stops rolling while new Pods are not ready, gives up after the deadline, and rolls over', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web', { replicas: 4, progressDeadlineSeconds: 60 });
    await cluster.settle();
    cluster.setImage('web:bad', { [BY_HAND]: '' });
    await cluster.settle();
    await cluster.advance(30_000);
    expect(cluster.pods('app=web').filter(isPodReady)).toHaveLength(3);
    expect(condition(cluster.deployment('web'), 'Progressing')?.reason).toBe('ReplicaSetUpdated');
    await cluster.advance(32_000);
    expect(condition(cluster.deployment('web'), 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: expect.stringMatching(/^ReplicaSet "web-\w+" has timed out progressing\.$/),
    });
    cluster.setImage('web:3', { [BY_HAND]: null });
    await cluster.settle();
    // The stuck Pods are assigned: only their kubelet could remove them.
    for (const pod of cluster.pods('test/by-hand')) {
      cluster.api.delete('pods', metaOf(pod), { gracePeriodSeconds: 0 });
    }
    await cluster.settle();
    expect(cluster.images()).toEqual(Array(4).fill('web:3'));
    expect(condition(cluster.deployment('web'), 'Progressing')?.reason).toBe(
      'NewReplicaSetAvailable',
    );
  });

  it('goes back to the old ReplicaSet when the template does, as a new revision', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web');
    await cluster.settle();
    const [first] = cluster.replicaSets();
    cluster.setImage('web:2');
    await cluster.settle();
    cluster.setImage('web:1');
    await cluster.settle();
    expect(cluster.replicaSets()).toHaveLength(2);
    const again = cluster.replicaSets().find((set) => metaOf(set).uid === metaOf(first!).uid);
    expect(again?.spec?.replicas).toBe(2);
    expect(again?.metadata?.annotations).toMatchObject({
      [REVISION]: '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
  });

  it('keeps as many old ReplicaSets as revisionHistoryLimit says', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web', { revisionHistoryLimit: 2 });
    for (let revision = 2; revision <= 6; revision += 1) {
      await cluster.settle();
      cluster.setImage(`web:${revision}`);
    }
    await cluster.settle();
    const revisions = cluster.replicaSets().map((set) => set.metadata?.annotations?.[REVISION]);
    expect(new Set(revisions)).toEqual(new Set(['4', '5', '6']));
  });

  it('with strategy Recreate never runs two versions side by side', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web', { strategy: { type: 'Recreate' } });
    await cluster.settle();
    let mixed = 0;
    using _watch = cluster.api.watch('pods', () => {
      if (new Set(cluster.images()).size > 1) mixed += 1;
    });
    cluster.setImage('web:2');
    await cluster.settle();
    expect(cluster.images()).toEqual(['web:2', 'web:2']);
    expect(mixed).toBe(0);
  });

  it('does not roll while paused, but scales', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web');
    await cluster.settle();
    cluster.patch('deployments', 'web', { spec: { paused: true } });
    await cluster.settle();
    expect(condition(cluster.deployment('web'), 'Progressing')).toMatchObject({
      status: 'Unknown',
      reason: 'DeploymentPaused',
      message: 'Deployment is paused',
    });
    cluster.setImage('web:2');
    cluster.patch('deployments', 'web', { spec: { replicas: 3 } });
    await cluster.settle();
    expect(cluster.images()).toEqual(Array(3).fill('web:1'));
    cluster.patch('deployments', 'web', { spec: { paused: false } });
    await cluster.settle();
    expect(cluster.images()).toEqual(Array(3).fill('web:2'));
    expect(condition(cluster.deployment('web'), 'Progressing')?.reason).toBe(
      'NewReplicaSetAvailable',
    );
  });

  it('scales its ReplicaSets in proportion in the middle of a rollout', async () => {
    await using cluster = new TestCluster();
    const rollingUpdate = { maxSurge: 3, maxUnavailable: 2 };
    cluster.deploy('web', { replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate } });
    await cluster.settle();
    cluster.setImage('web:bad', { [BY_HAND]: '' });
    await cluster.settle();
    const sizes = () =>
      cluster
        .replicaSets()
        .map(({ spec }) => spec?.replicas ?? 1)
        .sort((a, b) => a - b);
    expect(sizes()).toEqual([5, 8]);
    // As in the Kubernetes documentation: 15 + 3 over 8 and 5 gives 11 and 7.
    cluster.patch('deployments', 'web', { spec: { replicas: 15 } });
    await cluster.settle();
    expect(sizes()).toEqual([7, 11]);
  });

  it('counts a Pod as available only after minReadySeconds', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web', { minReadySeconds: 10 });
    await cluster.settle();
    expect(cluster.deployment('web')?.status?.availableReplicas).toBeUndefined();
    expect(condition(cluster.deployment('web'), 'Available')?.reason).toBe(
      'MinimumReplicasUnavailable',
    );
    await cluster.advance(10_000);
    expect(cluster.deployment('web')?.status?.availableReplicas).toBe(2);
  });

  it('takes another name for its ReplicaSet when the first is taken', async () => {
    await using cluster = new TestCluster();
    const probe = cluster.deploy('web', { paused: true });
    const hash = templateHash(probe.spec!.template, undefined);
    cluster.api.create('replicasets', {
      metadata: { name: `web-${hash}`, namespace: 'default' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'other' } },
        template: { ...probe.spec!.template, metadata: { labels: { app: 'other' } } },
      },
    });
    cluster.patch('deployments', 'web', { spec: { paused: false } });
    await cluster.settle();
    await cluster.advance(1000);
    expect(cluster.deployment('web')?.status?.collisionCount).toBe(1);
    expect(cluster.pods('app=web')).toHaveLength(2);
  });

  it('adopts the ReplicaSets that a deleted one orphaned', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web');
    await cluster.settle();
    const pods = cluster.pods().map((pod) => metaOf(pod).uid);
    cluster.api.delete(
      'deployments',
      { namespace: 'default', name: 'web' },
      { propagationPolicy: 'Orphan' },
    );
    await cluster.settle();
    expect(cluster.deployment('web')).toBeUndefined();
    expect(controllerOf(cluster.replicaSets()[0]!)).toBeUndefined();
    cluster.deploy('web');
    await cluster.settle();
    expect(cluster.replicaSets()).toHaveLength(1);
    expect(controllerOf(cluster.replicaSets()[0]!)?.uid).toBe(
      cluster.deployment('web')?.metadata?.uid,
    );
    expect(cluster.pods().map((pod) => metaOf(pod).uid)).toEqual(pods);
  });

  it('writes nothing once it is at rest', async () => {
    await using cluster = new TestCluster();
    cluster.deploy('web');
    await cluster.settle();
    const before = [cluster.deployment('web'), ...cluster.replicaSets()];
    await cluster.advance(3_600_000);
    expect([cluster.deployment('web'), ...cluster.replicaSets()]).toEqual(before);
  });
});
