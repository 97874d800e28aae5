import type { Lease } from 'kubernetes-types/coordination/v1.js';
import type { ConfigMap, Node, PodTemplate, Secret } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { until } from '../support/until.ts';

conformance('[sig-node] ConfigMap should fail to create ConfigMap with empty key', async (c) => {
  const maps = c.in<ConfigMap>('v1', 'configmaps');
  await expect(
    maps.create({ metadata: { name: 'emptykey' }, data: { '': 'value-1' } }),
  ).rejects.toMatchObject({ code: 422 });
});

conformance(
  '[sig-node] Secrets should fail to create secret due to empty secret key',
  async (c) => {
    const secrets = c.in<Secret>('v1', 'secrets');
    await expect(
      secrets.create({ metadata: { name: 'emptykey' }, data: { '': 'dmFsdWUtMQo=' } }),
    ).rejects.toMatchObject({ code: 422 });
  },
);

conformance('[sig-node] ConfigMap should update ConfigMap successfully', async (c) => {
  const maps = c.in<ConfigMap>('v1', 'configmaps');
  await maps.create({ metadata: { name: 'configmap-test' }, data: { 'data-1': 'value-1' } });
  await maps.update('configmap-test', (map) => {
    map.data = { data: 'value' };
  });
  expect((await maps.get('configmap-test')).data).toEqual({ data: 'value' });
});

conformance('[sig-node] ConfigMap should run through a ConfigMap lifecycle', async (c) => {
  const maps = c.in<ConfigMap>('v1', 'configmaps');
  const name = 'test-configmap';
  const labelSelector = `test-configmap-static=${c.namespace}`;
  const { resourceVersion } = (await maps.list({ labelSelector })).metadata;
  using watch = await maps.watch({ labelSelector, resourceVersion });

  await maps.create({
    metadata: { name, labels: { 'test-configmap-static': c.namespace } },
    data: { valueName: 'value' },
  });
  expect((await maps.get(name)).data).toEqual({ valueName: 'value' });
  await watch.until('added', ({ type }) => type === 'ADDED');

  await maps.patch(name, {
    metadata: { labels: { 'test-configmap': 'patched' } },
    data: { valueName: 'value1' },
  });
  await watch.until(
    'modified',
    ({ type, object }) => type === 'MODIFIED' && object.data?.['valueName'] === 'value1',
  );
  const { items } = await c.all<ConfigMap>('v1', 'configmaps').list({ labelSelector });
  expect(items).toMatchObject([
    {
      metadata: { name, namespace: c.namespace, labels: { 'test-configmap': 'patched' } },
      data: { valueName: 'value1' },
    },
  ]);

  await maps.deleteCollection({ labelSelector });
  await watch.until('deleted', ({ type }) => type === 'DELETED');
  expect((await maps.list({ labelSelector })).items).toEqual([]);
});

conformance('[sig-node] Secrets should patch a secret', async (c) => {
  const secrets = c.in<Secret>('v1', 'secrets');
  const everywhere = c.all<Secret>('v1', 'secrets');
  const labelSelector = `testsecret-constant=${c.namespace}`;
  const encode = (text: string) => Buffer.from(text).toString('base64');
  await secrets.create({
    metadata: { name: 'test-secret', labels: { 'testsecret-constant': c.namespace } },
    data: { key: encode('value') },
    type: 'Opaque',
  });
  expect((await everywhere.list({ labelSelector })).items).toHaveLength(1);

  await secrets.patch('test-secret', {
    metadata: { labels: { testsecret: 'true' } },
    data: { key: encode('value1') },
  });
  const patched = await secrets.get('test-secret');
  expect(patched.metadata.labels).toMatchObject({ testsecret: 'true' });
  expect(patched.data).toEqual({ key: encode('value1') });

  await secrets.deleteCollection({ labelSelector });
  expect((await everywhere.list({ labelSelector })).items).toEqual([]);
});

conformance('[sig-node] Lease lease API should be available', async (c) => {
  const leases = c.in<Lease>('coordination.k8s.io/v1', 'leases');
  const spec = (holderIdentity: string, transitions: number) => ({
    holderIdentity,
    leaseDurationSeconds: 30,
    acquireTime: '2024-05-01T10:00:00.123456Z',
    renewTime: '2024-05-01T10:00:05.000001Z',
    leaseTransitions: transitions,
  });
  await leases.create({ metadata: { name: 'lease' }, spec: spec('holder', 0) });
  expect((await leases.get('lease')).spec).toEqual(spec('holder', 0));
  await leases.update('lease', (lease) => {
    Object.assign(lease.spec, spec('holder2', 1));
  });
  expect((await leases.get('lease')).spec).toEqual(spec('holder2', 1));
  await leases.patch('lease', { spec: spec('holder3', 2) });
  expect((await leases.get('lease')).spec).toEqual(spec('holder3', 2));

  const labels = { deletecollection: 'true' };
  await leases.create({ metadata: { name: 'lease2', labels }, spec: spec('holder', 0) });
  const names = async () => (await leases.list()).items.map(({ metadata }) => metadata.name);
  expect(await names()).toEqual(['lease', 'lease2']);
  await leases.deleteCollection({ labelSelector: 'deletecollection=true' });
  await expect(leases.get('lease2')).rejects.toMatchObject({ code: 404 });
  expect(await names()).toEqual(['lease']);
  await leases.delete('lease');
  await expect(leases.get('lease')).rejects.toMatchObject({ code: 404 });
});

conformance('[sig-node] Node Lifecycle should run through the lifecycle of a node', async (c) => {
  const nodes = c.all<Node>('v1', 'nodes');
  const name = `e2e-fake-node-${c.namespace}`;
  const node: Node = {
    metadata: { name },
    spec: { unschedulable: true },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', reason: 'E2E', message: 'Set from e2e test' }],
    },
  };
  expect((await nodes.create(node)).metadata.name).toBe(name);
  c.cleanUp(async () => {
    if (await nodes.find(name)) await nodes.delete(name);
  });
  expect((await nodes.get(name)).metadata.name).toBe(name);
  const patched = await nodes.patch(name, { metadata: { labels: { [name]: 'patched' } } });
  expect(patched.metadata.labels).toMatchObject({ [name]: 'patched' });
  expect((await nodes.list({ labelSelector: `${name}=patched` })).items).toHaveLength(1);
  const updated = await nodes.update(name, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, [name]: 'updated' };
  });
  expect(updated.metadata.labels).toMatchObject({ [name]: 'updated' });
  await nodes.delete(name);
  await until('the Node is gone', async () => !(await nodes.find(name)), 180_000);
});

const podTemplate = (name: string, labels: Record<string, string>): PodTemplate => ({
  metadata: { name, labels },
  template: {
    metadata: { labels },
    spec: { containers: [{ name: 'nginx', image: images.nginxNew }] },
  },
});

conformance('[sig-node] PodTemplates should run the lifecycle of PodTemplates', async (c) => {
  const templates = c.in<PodTemplate>('v1', 'podtemplates');
  const everywhere = c.all<PodTemplate>('v1', 'podtemplates');
  const labelSelector = `podtemplate-static=${c.namespace}`;
  const before = await everywhere.list({ labelSelector });
  expect(before.items).toEqual([]);
  await templates.create(podTemplate('nginx-pod-template', { 'podtemplate-static': c.namespace }));
  expect((await templates.get('nginx-pod-template')).metadata.name).toBe('nginx-pod-template');
  await templates.patch('nginx-pod-template', { metadata: { labels: { podtemplate: 'patched' } } });
  const patched = await templates.get('nginx-pod-template');
  expect(patched.metadata.labels).toMatchObject({ podtemplate: 'patched' });
  await templates.delete('nginx-pod-template');
  expect((await everywhere.list({ labelSelector })).items).toEqual([]);
});

conformance('[sig-node] PodTemplates should delete a collection of pod templates', async (c) => {
  const templates = c.in<PodTemplate>('v1', 'podtemplates');
  const labelSelector = 'podtemplate-set=true';
  for (const number of [1, 2, 3]) {
    await templates.create(
      podTemplate(`test-podtemplate-${number}`, { 'podtemplate-set': 'true' }),
    );
  }
  expect((await templates.list({ labelSelector })).items).toHaveLength(3);
  await templates.deleteCollection({ labelSelector });
  await until(
    'the templates are gone',
    async () => (await templates.list({ labelSelector })).items.length === 0,
    10_000,
  );
});

conformance('[sig-node] PodTemplates should replace a pod template', async (c) => {
  const templates = c.in<PodTemplate>('v1', 'podtemplates');
  await templates.create(podTemplate('podtemplate', { 'e2e-pt': 'replace' }));
  const updated = await templates.update('podtemplate', ({ metadata }) => {
    metadata.annotations = { updated: 'true' };
  });
  expect(updated.metadata.annotations).toEqual({ updated: 'true' });
});
