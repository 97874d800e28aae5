import { expect, it } from 'vitest';
import { TestCluster } from '../test-cluster.ts';

it.each([
  [
    'carry the label of their controller',
    {},
    { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
  ],
  [
    'carry none where the cluster answers as an older Kubernetes',
    { labelsEndpoints: false },
    undefined,
  ],
])('Endpoints %s', async (_title, options, labels) => {
  await using cluster = new TestCluster(options);
  cluster.serve('web');
  await cluster.settle();
  expect(cluster.endpoints('web')?.metadata?.labels).toEqual(labels);
});
