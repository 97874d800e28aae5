import type { ControllerRevision } from 'kubernetes-types/apps/v1.js';
import { describe, expect, it } from 'vitest';
import { metaOf } from '../object-meta.ts';
import { TestCluster } from '../test-cluster.ts';
import {
  create,
  events,
  history,
  images,
  names,
  namespace,
  revisions,
  running,
  setImage,
  setOf,
} from './test-set.ts';

describe('the rollout of a StatefulSet', () => {
  it('replaces Pods from the highest ordinal down, one at a time', async () => {
    await using cluster = await running();
    const seen = history(cluster);
    setImage(cluster, 'db:2');
    await cluster.settle();
    expect(seen).toEqual(['-db-2', '+db-2', '-db-1', '+db-1', '-db-0', '+db-0']);
    const [, second] = revisions(cluster);
    expect(setOf(cluster).status).toMatchObject({
      currentRevision: second?.metadata?.name,
      updateRevision: second?.metadata?.name,
      currentReplicas: 3,
      updatedReplicas: 3,
    });
    expect(events(cluster, 'SuccessfulDelete')).toContain(
      'delete Pod db-0 in StatefulSet db successful',
    );
    expect(cluster.errors).toEqual([]);
  });

  it('stops at a Pod that does not become ready', async () => {
    await using cluster = await running({ byHand: true, podManagementPolicy: 'Parallel' });
    for (const name of names(cluster)) cluster.setReady(name, true);
    await cluster.settle();
    setImage(cluster, 'db:2');
    await cluster.settle();
    cluster.api.delete('pods', { namespace, name: 'db-2' }, { gracePeriodSeconds: 0 });
    await cluster.advance(60_000);
    expect(images(cluster)).toEqual({ 'db-0': 'db:1', 'db-1': 'db:1', 'db-2': 'db:2' });
    const [first, second] = revisions(cluster);
    expect(setOf(cluster).status).toMatchObject({
      currentRevision: first?.metadata?.name,
      updateRevision: second?.metadata?.name,
      currentReplicas: 2,
      updatedReplicas: 1,
      readyReplicas: 2,
    });
  });

  it.each([
    ['OrderedReady', 'db:2'],
    ['Parallel', 'db:3'],
  ])(
    'that is broken is repaired by hand with OrderedReady, by itself with Parallel: %s',
    async (podManagementPolicy, repaired) => {
      await using cluster = await running({ byHand: true, podManagementPolicy });
      const comeUp = async () => {
        for (let round = 0; round < 4; round += 1) {
          for (const name of names(cluster)) {
            if (images(cluster)[name] !== 'db:2') cluster.setReady(name, true);
          }
          await cluster.settle();
        }
      };
      const remove = async () => {
        cluster.api.delete('pods', { namespace, name: 'db-2' }, { gracePeriodSeconds: 0 });
        await cluster.settle();
      };
      await comeUp();
      setImage(cluster, 'db:2');
      await cluster.settle();
      await remove();
      setImage(cluster, 'db:3');
      await cluster.settle();
      if (podManagementPolicy === 'Parallel') await remove();
      await cluster.advance(60_000);
      expect(images(cluster)['db-2']).toBe(repaired);
      if (podManagementPolicy === 'OrderedReady') await remove();
      await comeUp();
      expect(images(cluster)['db-2']).toBe('db:3');
    },
  );

  it('leaves the Pods below the partition at the old revision, also those made anew', async () => {
    await using cluster = await running();
    cluster.patch('statefulsets', 'db', {
      spec: { updateStrategy: { rollingUpdate: { partition: 2 } } },
    });
    setImage(cluster, 'db:2');
    await cluster.settle();
    const canary = { 'db-0': 'db:1', 'db-1': 'db:1', 'db-2': 'db:2' };
    expect(images(cluster)).toEqual(canary);
    cluster.api.delete('pods', { namespace, name: 'db-0' });
    await cluster.settle();
    expect(images(cluster)).toEqual(canary);
    cluster.patch('statefulsets', 'db', {
      spec: { updateStrategy: { rollingUpdate: { partition: 0 } } },
    });
    await cluster.settle();
    expect(new Set(Object.values(images(cluster)))).toEqual(new Set(['db:2']));
  });

  it('replaces with OnDelete only what is deleted', async () => {
    await using cluster = await running({ updateStrategy: { type: 'OnDelete' } });
    setImage(cluster, 'db:2');
    await cluster.settle();
    expect(new Set(Object.values(images(cluster)))).toEqual(new Set(['db:1']));
    cluster.api.delete('pods', { namespace, name: 'db-1' });
    await cluster.settle();
    expect(images(cluster)).toEqual({ 'db-0': 'db:1', 'db-1': 'db:2', 'db-2': 'db:1' });
  });

  it('takes several Pods at a time where maxUnavailable says so', async () => {
    await using cluster = await running({
      replicas: 4,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%' } },
    });
    const seen = history(cluster);
    setImage(cluster, 'db:2');
    await cluster.settle();
    expect(seen.slice(0, 2)).toEqual(['-db-3', '-db-2']);
    expect(new Set(Object.values(images(cluster)))).toEqual(new Set(['db:2']));
  });

  it('numbers a template that comes back anew, and forgets the oldest beyond the limit', async () => {
    await using cluster = await running({ revisionHistoryLimit: 1 });
    setImage(cluster, 'db:2');
    await cluster.settle();
    setImage(cluster, 'db:1');
    await cluster.settle();
    expect(revisions(cluster).map(({ revision }) => revision)).toEqual([2, 3]);
    setImage(cluster, 'db:3');
    await cluster.settle();
    setImage(cluster, 'db:4');
    await cluster.settle();
    expect(revisions(cluster).map(({ revision }) => revision)).toEqual([4, 5]);
    expect(cluster.errors).toEqual([]);
  });

  it('finds another name for a revision whose name is taken', async () => {
    await using probe = await running({ replicas: 0 });
    const { name } = metaOf(revisions(probe)[0]!);
    await using cluster = new TestCluster();
    cluster.api.create<ControllerRevision>('controllerrevisions', {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name, namespace },
      revision: 1,
    });
    create(cluster, { replicas: 1 });
    await cluster.settle();
    expect(setOf(cluster).status?.collisionCount).toBe(1);
    expect(setOf(cluster).status?.updateRevision).not.toBe(name);
    expect(names(cluster)).toEqual(['db-0']);
    expect(cluster.errors).toEqual([]);
  });
});
