import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import { TestCluster } from '../test-cluster.ts';

const volume = {
  metadata: { name: 'disk' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    hostPath: { path: '/nowhere' },
    storageClassName: '',
  },
};
const claim = {
  metadata: { name: 'data', namespace: 'default' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName: '',
  },
};
const key = { namespace: 'default', name: 'data' };

it('a volume that is deleted stays for as long as a claim is bound to it', async () => {
  await using cluster = new TestCluster();
  const { api } = cluster;
  expect(api.create<PersistentVolume>('persistentvolumes', volume).metadata?.finalizers).toEqual([
    'kubernetes.io/pv-protection',
  ]);
  expect(
    api.create<PersistentVolumeClaim>('persistentvolumeclaims', claim).metadata?.finalizers,
  ).toEqual(['kubernetes.io/pvc-protection']);
  await cluster.settle();
  expect(api.get('persistentvolumes', { name: 'disk' })).toMatchObject({
    status: { phase: 'Bound' },
  });
  api.delete('persistentvolumes', { name: 'disk' });
  await cluster.settle();
  expect(api.get('persistentvolumes', { name: 'disk' })).toBeDefined();
  api.delete('persistentvolumeclaims', key);
  await cluster.settle();
  expect(api.get('persistentvolumeclaims', key)).toBeUndefined();
  expect(api.get('persistentvolumes', { name: 'disk' })).toBeUndefined();
});

it('a finalizer that somebody took away comes back', async () => {
  await using cluster = new TestCluster();
  const { api } = cluster;
  api.create('persistentvolumeclaims', claim);
  const patch = { metadata: { finalizers: null } };
  api.patch('persistentvolumeclaims', key, patch, { type: 'merge' });
  await cluster.settle();
  expect(api.get('persistentvolumeclaims', key)?.metadata?.finalizers).toEqual([
    'kubernetes.io/pvc-protection',
  ]);
});
