import { beforeAll, expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';

const measured = { timestamp: '2026-11-23T12:00:00Z', window: '15s' };
const box = (name: string, cpu: string, memory: string) => ({ name, usage: { cpu, memory } });
const server = useApiServer({
  now: () => new Date('2026-11-23T12:00:01Z'),
  usage: () => ({
    podMetrics: () => [
      {
        metadata: { namespace: 'default', name: 'web', labels: { app: 'web' } },
        ...measured,
        containers: [box('web', '1500000n', '2048Ki'), box('side', '500000n', '1024Ki')],
      },
      {
        metadata: { namespace: 'kube-system', name: 'dns', labels: {} },
        ...measured,
        containers: [box('dns', '0n', '10Ki')],
      },
    ],
    nodeMetrics: () =>
      new Map([['node1', { ...measured, usage: { cpu: '250000000n', memory: '1048576Ki' } }]]),
  }),
});
const root = '/apis/metrics.k8s.io/v1beta1';

beforeAll(() => {
  const { api } = server();
  api.create('nodes', { metadata: { name: 'node1', labels: { zone: 'a' } } });
  const spec = { containers: [{ name: 'x', image: 'x' }] };
  api.create('pods', { metadata: { namespace: 'default', name: 'new' }, spec });
});

it('tells what Pods use, container by container', async () => {
  const { body } = await server().call(`${root}/namespaces/default/pods`);
  expect(body).toEqual({
    kind: 'PodMetricsList',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: {},
    items: [
      {
        kind: 'PodMetrics',
        apiVersion: 'metrics.k8s.io/v1beta1',
        metadata: {
          namespace: 'default',
          name: 'web',
          labels: { app: 'web' },
          creationTimestamp: '2026-11-23T12:00:01Z',
        },
        ...measured,
        containers: [box('web', '1500000n', '2048Ki'), box('side', '500000n', '1024Ki')],
      },
    ],
  });
  expect((await server().call(`${root}/namespaces/default/pods/web`)).body).toEqual(body.items[0]);
});

it.each([
  ['pods', 2],
  ['pods?labelSelector=app%3Dweb', 1],
  ['pods?fieldSelector=metadata.namespace%3Dkube-system', 1],
  ['nodes', 1],
  ['nodes?labelSelector=zone%3Db', 0],
])('lists %s', async (path, count) => {
  expect((await server().call(`${root}/${path}`)).body.items).toHaveLength(count);
});

it('prints rows', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const { body } = await server().call(`${root}/pods`, { accept });
  expect(body.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
    'Name',
    'cpu',
    'memory',
    'Window',
  ]);
  expect(body.rows.map(({ cells }: { cells: string[] }) => cells)).toEqual([
    ['web', '2m', '3Mi', '15s'],
    ['dns', '0', '10Ki', '15s'],
  ]);
});

it.each([
  ['GET', 'namespaces/default/pods/new', 404, 'podmetrics.metrics.k8s.io "default/new" not found'],
  ['GET', 'namespaces/default/pods/none', 404, 'pods "none" not found'],
  ['GET', 'nodes/none', 404, 'nodes "none" not found'],
  ['POST', 'nodes', 405, 'the server does not allow this method on the requested resource'],
  [
    'GET',
    'nodes?watch=true',
    405,
    'the server does not allow this method on the requested resource',
  ],
])('answers %s %s with %i', async (method, path, code, message) => {
  const { body } = await server().call(`${root}/${path}`, { method });
  expect(body).toMatchObject({ kind: 'Status', code, message });
});

it('stands in discovery', async () => {
  expect((await server().call('/apis')).body.groups).toContainEqual(
    expect.objectContaining({ name: 'metrics.k8s.io' }),
  );
  const { body } = await server().call(root);
  expect(body.resources).toMatchObject([
    { name: 'nodes', kind: 'NodeMetrics', namespaced: false, verbs: ['get', 'list'] },
    { name: 'pods', kind: 'PodMetrics', namespaced: true, verbs: ['get', 'list'] },
  ]);
});
