import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { until } from '../support/until.ts';
import { createTwoPods, expectEndpoints, selecting, serviceOf } from './two-pods.ts';

conformance('[sig-network] Endpoints should test the lifecycle of an Endpoint', async (c) => {
  const endpoints = c.in<Endpoints>('v1', 'endpoints');
  const name = 'testservice';
  const labelSelector = `test-endpoint-static=${c.namespace}`;
  const everywhere = c.all<Endpoints>('v1', 'endpoints');
  const { resourceVersion } = (await everywhere.list({ labelSelector })).metadata;
  using watch = await endpoints.watch({ labelSelector, resourceVersion });

  const created = await endpoints.create({
    metadata: { name, labels: { 'test-endpoint-static': c.namespace } },
    subsets: [
      { addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
    ],
  });
  await watch.until('added', ({ type }) => type === 'ADDED', 30_000);
  const listed = (await everywhere.list({ labelSelector })).items;
  expect(listed.map(({ metadata }) => metadata.name)).toEqual([name]);

  await endpoints.replace({
    ...listed[0]!,
    metadata: {
      ...listed[0]!.metadata,
      labels: { ...listed[0]!.metadata.labels, 'test-service': 'updated' },
    },
  });
  await watch.until('modified', ({ type }) => type === 'MODIFIED', 30_000);
  expect((await endpoints.get(name)).metadata.labels).toMatchObject({ 'test-service': 'updated' });

  const patched = await endpoints.patch(name, {
    metadata: { labels: { 'test-service': 'patched' } },
    subsets: [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080 }] }],
  });
  expect(BigInt(patched.metadata.resourceVersion)).toBeGreaterThan(
    BigInt(created.metadata.resourceVersion),
  );
  await watch.until('modified again', ({ type }) => type === 'MODIFIED', 30_000);
  const fetched = await endpoints.get(name);
  expect(fetched.metadata.labels).toMatchObject({ 'test-service': 'patched' });
  expect(fetched.subsets).toMatchObject([
    { addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080 }] },
  ]);

  await endpoints.deleteCollection({ labelSelector });
  await watch.until('deleted', ({ type }) => type === 'DELETED', 30_000);
  await expect(endpoints.get(name)).rejects.toMatchObject({ code: 404 });
});

conformance(
  '[sig-network] EndpointsController should create and delete Endpoints for a Service with a selector that matches no pods',
  async (c) => {
    const services = c.in<Service>('v1', 'services');
    const endpoints = c.in<Endpoints>('v1', 'endpoints');
    const { name } = (
      await services.create(serviceOf('example-empty-selector', { 'does-not': 'match' }))
    ).metadata;
    await until('its Endpoints', () => endpoints.find(name), 30_000);
    await services.delete(name);
    await until('its Endpoints are gone', async () => !(await endpoints.find(name)), 30_000);
  },
);

conformance(
  '[sig-network] EndpointsController should create Endpoints for Pods matching a Service',
  async (c) => {
    const { pod1, pod2 } = await createTwoPods(c);
    const single = await selecting(c, 'example-int-port', { pod1: 'on' }, 3000);
    const both = await selecting(c, 'example-named-port', { shared12: 'on' }, 'example-name');
    await expectEndpoints(c, single, [{ pod: pod1, port: 3000 }]);
    await expectEndpoints(c, both, [
      { pod: pod1, port: 3000 },
      { pod: pod2, port: 3001 },
    ]);
  },
);
