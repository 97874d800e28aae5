import type { ResourceQuota } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { TestCluster } from './test-cluster.ts';

const namespace = 'default';

it('a quota counts what is used, and lets nobody pass it', async () => {
  await using cluster = new TestCluster();
  const hard = { pods: '2', 'requests.cpu': '1', 'count/deployments.apps': '1' };
  const metadata = { namespace, name: 'few' };
  cluster.api.create('resourcequotas', { metadata, spec: { hard } } as KubeObject);
  await cluster.settle();
  const used = () => cluster.api.get<ResourceQuota>('resourcequotas', metadata)?.status?.used;
  expect(used()).toEqual({ pods: '0', 'requests.cpu': '0', 'count/deployments.apps': '0' });
  cluster.deploy('web', { replicas: 3 });
  await cluster.settle();
  expect(cluster.pods()).toHaveLength(2);
  expect(used()).toEqual({ pods: '2', 'requests.cpu': '0', 'count/deployments.apps': '1' });
  expect(cluster.deployment('web')?.status?.conditions).toContainEqual(
    expect.objectContaining({
      type: 'ReplicaFailure',
      reason: 'FailedCreate',
      message: expect.stringMatching(
        /^pods "web-\S+" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2$/,
      ),
    }),
  );
  expect(() => cluster.deploy('other')).toThrow('exceeded quota: few');
  cluster.patch('resourcequotas', 'few', { spec: { hard: { pods: '5' } } });
  await cluster.advance(600_000);
  expect(cluster.pods()).toHaveLength(3);
});
