import type { Service } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';

conformance(
  '[sig-network] Services should find a service from listing all namespaces',
  async (c) => {
    const { items } = await c.all<Service>('v1', 'services').list();
    const found = items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(found).toContain('default/kubernetes');
  },
);

conformance('[sig-network] Services should delete a collection of services', async (c) => {
  const services = c.in<Service>('v1', 'services');
  for (const [name, mark] of [
    ['e2e-svc-a', 'true'],
    ['e2e-svc-b', 'true'],
    ['e2e-svc-c', 'false'],
  ] as const) {
    await services.create({
      metadata: { name, labels: { 'test-services': mark } },
      spec: {
        type: 'ClusterIP',
        ports: [{ name: 'http', protocol: 'TCP', port: 8000, targetPort: 8000 }],
      },
    });
  }
  expect((await services.list()).items).toHaveLength(3);
  await services.deleteCollection({ labelSelector: 'test-services=true' });
  const { items } = await services.list();
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['e2e-svc-c']);
});

conformance('[sig-network] Services should complete a service status lifecycle', async (c) => {
  const services = c.in<Service>('v1', 'services');
  const name = 'test-service';
  const labelSelector = `test-service-static=${c.namespace}`;
  const { resourceVersion } = (await services.list({ labelSelector })).metadata;
  using watch = await services.watch({ labelSelector, resourceVersion });

  await services.create({
    metadata: { name, labels: { 'test-service-static': c.namespace } },
    spec: {
      type: 'LoadBalancer',
      loadBalancerClass: 'example.com/internal-vip',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 80 }],
    },
  });
  await watch.until(
    'created',
    ({ type, object }) => type === 'ADDED' && object.metadata.name === name,
  );
  expect((await services.get(name, 'status')).status.loadBalancer?.ingress ?? []).toEqual([]);

  const ingress = [{ ip: '203.0.113.1' }];
  const patched = await services.patch(
    name,
    { metadata: { annotations: { patchedstatus: 'true' } }, status: { loadBalancer: { ingress } } },
    { type: 'merge', subresource: 'status' },
  );
  expect(patched.metadata.annotations).toMatchObject({ patchedstatus: 'true' });
  expect(patched.status.loadBalancer?.ingress).toMatchObject(ingress);
  await watch.until(
    'the patched status',
    ({ type, object }) =>
      type === 'MODIFIED' &&
      object.metadata.annotations?.['patchedstatus'] === 'true' &&
      object.status.loadBalancer?.ingress?.[0]?.ip === '203.0.113.1',
  );

  const condition = {
    type: 'StatusUpdate',
    status: 'True',
    reason: 'E2E',
    message: 'Set from e2e test',
  };
  const current = await services.get(name, 'status');
  current.status.conditions = [
    ...(current.status.conditions ?? []),
    { ...condition, lastTransitionTime: new Date().toISOString().replace(/\.\d+/, '') },
  ];
  const updated = await services.replace(current, 'status');
  expect(updated.status.conditions?.at(-1)).toMatchObject(condition);
  await watch.until(
    'the updated status',
    ({ type, object }) =>
      type === 'MODIFIED' &&
      object.status.conditions?.some(({ type: of }) => of === 'StatusUpdate') === true,
  );

  for (const [value, write] of [
    [
      'patched',
      () => services.patch(name, { metadata: { labels: { 'test-service': 'patched' } } }),
    ],
    [
      'updated',
      () =>
        services.update(name, ({ metadata }) => {
          metadata.labels = { ...metadata.labels, 'test-service': 'updated' };
        }),
    ],
  ] as const) {
    expect((await write()).metadata.labels).toMatchObject({ 'test-service': value });
    await watch.until(
      `the ${value} label`,
      ({ type, object }) =>
        type === 'MODIFIED' && object.metadata.labels?.['test-service'] === value,
    );
  }
  await services.delete(name);
  await watch.until(
    'deleted',
    ({ type, object }) => type === 'DELETED' && object.metadata.name === name,
  );
});
