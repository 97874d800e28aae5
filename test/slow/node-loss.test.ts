import type { NodeList, PodList } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import { useCluster } from '../support/cluster.ts';
import { kubectl } from '../support/kubectl.ts';
import { until } from '../support/until.ts';

const world = useCluster();

async function read<T>(...args: readonly string[]): Promise<T> {
  const { stdout } = await kubectl(world.cluster.kubeconfigPath, [...args, '-o', 'json']);
  return JSON.parse(stdout) as T;
}

async function conditionOf(node: string): Promise<string | undefined> {
  const { items } = await read<NodeList>('get', 'nodes');
  const { conditions = [] } = items.find(({ metadata }) => metadata?.name === node)?.status ?? {};
  return conditions.find(({ type }) => type === 'Ready')?.status;
}

async function runningOn(node: string): Promise<number> {
  const { items } = await read<PodList>('get', 'pods', '-l', 'app=web');
  const isLiving = ({ metadata, status }: PodList['items'][number]) =>
    metadata?.deletionTimestamp === undefined &&
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return items.filter((pod) => pod.spec?.nodeName === node && isLiving(pod)).length;
}

// Kubernetes waits 50 s before it believes that a node is lost; so does this test.
it('a lost node is tainted, its Pods move, its traffic too; and it comes back', async () => {
  const { cluster } = world;
  const lost = `${cluster.name}-2`;
  const kept = `${cluster.name}-1`;
  const unreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists' };
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: {
      containers: [{ name: 'web', image: 'pause' }],
      tolerations: [{ ...unreachable, effect: 'NoExecute', tolerationSeconds: 1 }],
      terminationGracePeriodSeconds: 0,
    },
  };
  const spec = { replicas: 4, selector: { matchLabels: { app: 'web' } }, template };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
  await kubectl(cluster.kubeconfigPath, ['apply', '-f', '-'], {
    input: JSON.stringify(deployment),
  });
  await kubectl(cluster.kubeconfigPath, ['expose', 'deploy/web', '--port=80']);
  await until(
    'Pods on both nodes',
    async () => (await runningOn(lost)) + (await runningOn(kept)) === 4,
  );
  expect(await runningOn(lost)).toBeGreaterThan(0);

  await cluster.faults.stopNode(lost);
  await until(
    'the node is not known any more',
    async () => (await conditionOf(lost)) === 'Unknown',
    120_000,
  );
  await until('all Pods run on the other', async () => (await runningOn(kept)) === 4, 120_000);
  const { stdout } = await kubectl(cluster.kubeconfigPath, [
    'get',
    'endpointslices',
    '-l',
    'kubernetes.io/service-name=web',
    '-o',
    'jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].nodeName}',
  ]);
  expect(stdout.split(' ')).toEqual([kept, kept, kept, kept]);

  await cluster.faults.startNode(lost);
  await until('the node is Ready again', async () => (await conditionOf(lost)) === 'True', 60_000);
  await until('the taints are gone', async () => {
    const { items } = await read<NodeList>('get', 'nodes');
    return items.every((node) => (node.spec?.taints ?? []).length === 0);
  });
  await kubectl(cluster.kubeconfigPath, ['scale', 'deploy/web', '--replicas=8']);
  await until('new Pods run there', async () => (await runningOn(lost)) > 0, 60_000);
});
