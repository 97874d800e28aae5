import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.js';
import { mkdirSync, mkdtempSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { metaOf } from '../object-meta.ts';
import { TestCluster } from '../test-cluster.ts';
import { create, names, namespace, setOf } from './test-set.ts';

async function stored(
  policy?: { whenDeleted: string; whenScaled: string },
  claim: object = {},
): Promise<{ cluster: TestCluster; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'pitstop-volumes-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const cluster = new TestCluster({ volumesDirectory: directory });
  create(cluster, {
    replicas: 2,
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
          ...claim,
        },
      },
    ],
    ...(policy && { persistentVolumeClaimRetentionPolicy: policy }),
  });
  await cluster.settle();
  return { cluster, directory };
}

function claims(cluster: TestCluster): PersistentVolumeClaim[] {
  return [...cluster.api.list<PersistentVolumeClaim>('persistentvolumeclaims', { namespace })];
}

function claimNames(cluster: TestCluster): string[] {
  return claims(cluster).map((claim) => metaOf(claim).name);
}

describe('volumeClaimTemplates', () => {
  it('are volumes that containers may mount', async () => {
    await using cluster = new TestCluster();
    const containers = [
      { name: 'db', image: 'db:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    ];
    create(cluster, {
      template: { metadata: { labels: { app: 'db' } }, spec: { containers } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    });
    await cluster.settle();
    expect(names(cluster)).toEqual(['db-0', 'db-1', 'db-2']);
    expect(claims(cluster).map(({ status }) => status?.phase)).toEqual(Array(3).fill('Pending'));
  });

  it('give each member a claim of its own, bound to a directory of the default class', async () => {
    const { cluster, directory } = await stored();
    await using _cluster = cluster;
    expect(claimNames(cluster)).toEqual(['data-db-0', 'data-db-1']);
    const [claim] = claims(cluster);
    expect(claim).toMatchObject({
      metadata: { labels: { app: 'db' } },
      spec: { storageClassName: 'standard' },
      status: { phase: 'Bound', capacity: { storage: '1Gi' } },
    });
    const [volume] = cluster.api
      .list<PersistentVolume>('persistentvolumes')
      .filter(({ metadata }) => metadata?.name === claim?.spec?.volumeName);
    expect(volume).toMatchObject({
      spec: {
        hostPath: { path: join(directory, metaOf(volume!).name) },
        claimRef: { name: 'data-db-0' },
      },
      status: { phase: 'Bound' },
    });
    expect(cluster.pod('db-0').spec?.volumes).toContainEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'data-db-0' },
    });
    const events = cluster.events().map(({ message }) => message);
    expect(events).toContain('create Claim data-db-0 Pod db-0 in StatefulSet db success');
    expect(cluster.errors).toEqual([]);
  });

  it('keep the claims of members that go, and give them back', async () => {
    const { cluster } = await stored();
    await using _cluster = cluster;
    const before = metaOf(claims(cluster)[1]!).uid;
    cluster.patch('statefulsets', 'db', { spec: { replicas: 1 } });
    await cluster.settle();
    expect([names(cluster), claimNames(cluster)]).toEqual([['db-0'], ['data-db-0', 'data-db-1']]);
    cluster.patch('statefulsets', 'db', { spec: { replicas: 2 } });
    await cluster.settle();
    expect(metaOf(claims(cluster)[1]!).uid).toBe(before);
    cluster.api.delete('statefulsets', { namespace, name: 'db' });
    await cluster.settle();
    expect(claimNames(cluster)).toEqual(['data-db-0', 'data-db-1']);
  });

  it('let the claims go with what the retention policy says', async () => {
    const { cluster, directory } = await stored({ whenDeleted: 'Delete', whenScaled: 'Delete' });
    await using _cluster = cluster;
    const [claim] = claims(cluster);
    expect(claim?.metadata?.ownerReferences).toMatchObject([
      { kind: 'StatefulSet', uid: metaOf(setOf(cluster)).uid },
    ]);
    const path = join(directory, claim?.spec?.volumeName ?? '');
    mkdirSync(path);
    cluster.patch('statefulsets', 'db', { spec: { replicas: 1 } });
    await cluster.settle();
    expect(claimNames(cluster)).toEqual(['data-db-0']);
    cluster.api.delete(
      'statefulsets',
      { namespace, name: 'db' },
      { propagationPolicy: 'Background' },
    );
    await cluster.settle();
    expect(claimNames(cluster)).toEqual([]);
    expect(cluster.api.list('persistentvolumes')).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it('wait for a volume by hand where no class can make one', async () => {
    const { cluster } = await stored(undefined, { storageClassName: '' });
    await using _cluster = cluster;
    expect(claims(cluster)[0]?.status?.phase).toBe('Pending');
    cluster.api.create('persistentvolumes', {
      metadata: { name: 'mine' },
      spec: {
        capacity: { storage: '2Gi' },
        accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
        hostPath: { path: '/tmp/mine' },
      },
    });
    await cluster.settle();
    const phases = claims(cluster).map(({ spec, status }) => [spec?.volumeName, status?.phase]);
    expect(phases).toEqual([
      ['mine', 'Bound'],
      [undefined, 'Pending'],
    ]);
  });

  it('keep a claim that is deleted while a Pod uses it', async () => {
    const { cluster } = await stored();
    await using _cluster = cluster;
    const key = { namespace, name: 'data-db-1' };
    cluster.api.delete('persistentvolumeclaims', key);
    await cluster.settle();
    expect(claims(cluster)[1]?.metadata).toMatchObject({
      deletionTimestamp: expect.any(String),
      finalizers: ['kubernetes.io/pvc-protection'],
    });
    cluster.patch('statefulsets', 'db', { spec: { replicas: 1 } });
    await cluster.settle();
    expect(claimNames(cluster)).toEqual(['data-db-0']);
  });
});
