import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controllerOf, metaOf } from '../object-meta.ts';
import { slicePodNames } from '../test-cluster.ts';
import {
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

describe('a StatefulSet', () => {
  it('runs Pods of stable names, each with its identity, and counts them', async () => {
    await using cluster = await running();
    expect(names(cluster)).toEqual(['db-0', 'db-1', 'db-2']);
    const [revision] = revisions(cluster);
    const { name, labels } = metaOf(revision!);
    expect(name).toMatch(/^db-[b-z0-9]{8,10}$/);
    expect(labels).toEqual({ app: 'db', 'controller.kubernetes.io/hash': name.slice(3) });
    expect(revision).toMatchObject({
      revision: 1,
      data: { spec: { template: { $patch: 'replace', metadata: { labels: { app: 'db' } } } } },
    });
    const pod = cluster.pod('db-1');
    expect(pod.metadata).toMatchObject({
      generateName: 'db-',
      labels: {
        app: 'db',
        'apps.kubernetes.io/pod-index': '1',
        'controller-revision-hash': name,
        'statefulset.kubernetes.io/pod-name': 'db-1',
      },
    });
    expect(pod.spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' });
    expect(controllerOf(pod)).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      uid: setOf(cluster).metadata?.uid,
      blockOwnerDeletion: true,
    });
    expect(setOf(cluster).status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: name,
      updateRevision: name,
      collisionCount: 0,
    });
    expect(events(cluster, 'SuccessfulCreate')).toContain(
      'create Pod db-1 in StatefulSet db successful',
    );
    expect(cluster.errors).toEqual([]);
  });

  it('starts each Pod when those before it are ready, and removes the last one first', async () => {
    await using cluster = await running({ byHand: true });
    expect(names(cluster)).toEqual(['db-0']);
    cluster.setReady('db-0', true);
    await cluster.settle();
    expect(names(cluster)).toEqual(['db-0', 'db-1']);
    cluster.setReady('db-1', true);
    await cluster.settle();
    cluster.setReady('db-2', true);
    await cluster.settle();

    cluster.setReady('db-0', false);
    cluster.patch('statefulsets', 'db', { spec: { replicas: 1 } });
    await cluster.settle();
    expect(cluster.pods().filter(({ metadata }) => metadata?.deletionTimestamp)).toEqual([]);
    cluster.setReady('db-0', true);
    await cluster.settle();
    const terminating = () =>
      cluster.pods().flatMap(({ metadata }) => (metadata?.deletionTimestamp ? metadata.name : []));
    expect(terminating()).toEqual(['db-2']);
    cluster.api.delete('pods', { namespace, name: 'db-2' }, { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(terminating()).toEqual(['db-1']);
    cluster.api.delete('pods', { namespace, name: 'db-1' }, { gracePeriodSeconds: 0 });
    await cluster.settle();
    expect(names(cluster)).toEqual(['db-0']);
    expect(cluster.errors).toEqual([]);
  });

  it('starts and removes all at once when it is Parallel', async () => {
    await using cluster = await running({ byHand: true, podManagementPolicy: 'Parallel' });
    expect(names(cluster)).toEqual(['db-0', 'db-1', 'db-2']);
    cluster.patch('statefulsets', 'db', { spec: { replicas: 1 } });
    await cluster.settle();
    const left = cluster.pods().filter(({ metadata }) => !metadata?.deletionTimestamp);
    expect(left.map((pod) => metaOf(pod).name)).toEqual(['db-0']);
  });

  it('numbers from the ordinal it is told', async () => {
    await using cluster = await running({ replicas: 2, ordinals: { start: 5 } });
    expect(names(cluster)).toEqual(['db-5', 'db-6']);
    cluster.patch('statefulsets', 'db', { spec: { ordinals: { start: 6 } } });
    await cluster.settle();
    expect(names(cluster)).toEqual(['db-6', 'db-7']);
  });

  it('waits minReadySeconds before it goes on', async () => {
    await using cluster = await running({ minReadySeconds: 10, replicas: 2 });
    expect(names(cluster)).toEqual(['db-0']);
    expect(setOf(cluster).status).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    await cluster.advance(10_000);
    expect(names(cluster)).toEqual(['db-0', 'db-1']);
    await cluster.advance(10_000);
    expect(setOf(cluster).status).toMatchObject({ readyReplicas: 2, availableReplicas: 2 });
  });

  it('makes a Pod that has ended anew, when its name is free again', async () => {
    await using cluster = await running();
    const { uid } = metaOf(cluster.pod('db-1'));
    cluster.api.patch(
      'pods',
      { namespace, name: 'db-1' },
      { status: { phase: 'Failed' } },
      { type: 'merge', subresource: 'status' },
    );
    await cluster.settle();
    expect(metaOf(cluster.pod('db-1')).uid).not.toBe(uid);
    expect(setOf(cluster).status?.readyReplicas).toBe(3);
    expect(cluster.errors).toEqual([]);
  });

  it('gives a member the label of its identity back', async () => {
    await using cluster = await running();
    cluster.patch('pods', 'db-1', {
      metadata: { labels: { 'statefulset.kubernetes.io/pod-name': null } },
    });
    await cluster.settle();
    expect(metaOf(cluster.pod('db-1')).labels).toMatchObject({
      'statefulset.kubernetes.io/pod-name': 'db-1',
    });
  });

  it.each(['Background', 'Foreground'] as const)(
    'goes with its Pods and revisions (%s)',
    async (propagationPolicy) => {
      await using cluster = await running();
      cluster.api.delete('statefulsets', { namespace, name: 'db' }, { propagationPolicy });
      await cluster.settle();
      expect(names(cluster)).toEqual([]);
      expect(revisions(cluster)).toEqual([]);
      expect(setOf(cluster)).toBeUndefined();
      expect(cluster.errors).toEqual([]);
    },
  );
});

describe('a Pod of a StatefulSet that is relabelled', () => {
  it('is let go and not replaced: its name is taken; and taken back, with nobody deleted', async () => {
    await using cluster = await running();
    await cluster.advance(60_000);
    const { uid } = metaOf(cluster.pod('db-1'));
    const seen = history(cluster);
    cluster.patch('pods', 'db-1', { metadata: { labels: { app: 'quarantine' } } });
    await cluster.settle();
    expect(controllerOf(cluster.pod('db-1'))).toBeUndefined();
    expect(slicePodNames(cluster.slices('db'))).toEqual(['db-0', 'db-2']);
    expect(setOf(cluster).status).toMatchObject({ replicas: 2, readyReplicas: 2 });

    // Nothing is scaled up past the gap.
    cluster.patch('statefulsets', 'db', { spec: { replicas: 4 } });
    await cluster.advance(60_000);
    expect(seen).toEqual([]);
    // As upstream since 1.28: AlreadyExists is no Event.
    expect(events(cluster, 'FailedCreate')).toEqual([]);

    cluster.patch('pods', 'db-1', { metadata: { labels: { app: 'db' } } });
    await cluster.settle();
    expect(metaOf(cluster.pod('db-1')).uid).toBe(uid);
    expect(controllerOf(cluster.pod('db-1'))?.uid).toBe(setOf(cluster).metadata?.uid);
    expect(slicePodNames(cluster.slices('db'))).toEqual(['db-0', 'db-1', 'db-2', 'db-3']);
    expect(seen).toEqual(['+db-3']);
    expect(cluster.errors).toEqual([]);
  });

  it('is replaced by nobody else of its labels: members are known by their names', async () => {
    await using cluster = await running({ replicas: 1 });
    for (const name of ['db-x', 'db-00', 'other-0']) {
      cluster.addPod(name, { labels: { app: 'db' } });
    }
    await cluster.settle();
    expect(names(cluster)).toEqual(['db-0', 'db-00', 'db-x', 'other-0']);
    for (const name of ['db-x', 'db-00', 'other-0']) {
      expect(controllerOf(cluster.pod(name))).toBeUndefined();
    }
  });
});

describe('whatever happens to a StatefulSet', () => {
  it('ends with the wanted Pods, all of the newest template', async () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('scale' as const), replicas: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ kind: fc.constant('image' as const), image: fc.constantFrom('db:1', 'db:2') }),
      fc.record({ kind: fc.constant('delete' as const), ordinal: fc.nat(3) }),
      fc.record({ kind: fc.constant('release' as const), ordinal: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(change, fc.boolean()), { maxLength: 6 }),
        fc.constantFrom('OrderedReady', 'Parallel'),
        async (changes, podManagementPolicy) => {
          await using cluster = await running({ podManagementPolicy });
          let replicas = 3;
          let image = 'db:1';
          for (const [each, isSettled] of changes) {
            if (each.kind === 'scale') {
              replicas = each.replicas;
              cluster.patch('statefulsets', 'db', { spec: { replicas } });
            } else if (each.kind === 'image') {
              image = each.image;
              setImage(cluster, image);
            } else if (cluster.hasPod(`db-${each.ordinal}`)) {
              const name = `db-${each.ordinal}`;
              if (each.kind === 'delete') cluster.api.delete('pods', { namespace, name });
              else cluster.patch('pods', name, { metadata: { labels: { app: 'out' } } });
            }
            if (isSettled) await cluster.settle();
          }
          for (const pod of cluster.pods('app=out')) {
            cluster.patch('pods', metaOf(pod).name, { metadata: { labels: { app: 'db' } } });
          }
          // A name clash backs off.
          for (let hour = 0; hour < 3; hour++) await cluster.advance(3_600_000);
          expect(images(cluster)).toEqual(
            Object.fromEntries(Array.from({ length: replicas }, (_, n) => [`db-${n}`, image])),
          );
          expect(setOf(cluster).status).toMatchObject({ replicas, availableReplicas: replicas });
          expect(cluster.errors).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });
});
