import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { APIGroup, APIGroupList, APIResourceList } from 'kubernetes-types/meta/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import type { Resource } from '../support/resource.ts';
import { until } from '../support/until.ts';
import { createTwoPods, expectEndpoints, expectSlices, selecting, serviceOf } from './two-pods.ts';

conformance(
  '[sig-network] EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods',
  async (c) => {
    const services = c.in<Service>('v1', 'services');
    const service = await services.create(
      serviceOf('example-empty-selector', { 'does-not': 'match' }),
    );
    const [slice] = await expectSlices(c, service, []);
    expect(slice!.metadata.labels).toMatchObject({
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
    await services.delete(service.metadata.name);
    await until(
      'its slices are gone',
      async () => (await slicesOf(c, service.metadata.name)).length === 0,
      90_000,
    );
  },
);

conformance(
  '[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service',
  async (c) => {
    const { pod1, pod2 } = await createTwoPods(c);
    const single = await selecting(c, 'example-int-port', { pod1: 'on' }, 3000);
    const both = await selecting(c, 'example-named-port', { shared12: 'on' }, 'example-name');
    const none = await selecting(c, 'example-no-match', { pod3: 'on' }, 8080);
    const two = [
      { pod: pod1, port: 3000 },
      { pod: pod2, port: 3001 },
    ];
    for (const [service, wanted] of [
      [single, two.slice(0, 1)],
      [both, two],
      [none, []],
    ] as const) {
      await expectSlices(c, service, wanted);
      await expectEndpoints(c, service, wanted);
    }

    const slices = endpointSlices(c);
    const old = await slicesOf(c, both.metadata.name);
    for (const { metadata } of old) await slices.delete(metadata.name);
    const again = await expectSlices(c, both, two);
    const uids = new Set(old.map(({ metadata }) => metadata.uid));
    expect(again.filter(({ metadata }) => uids.has(metadata.uid))).toEqual([]);
  },
);

conformance(
  '[sig-network] EndpointSlice should support creating EndpointSlice API operations',
  async (c) => {
    const { groups } = await c.api.call<APIGroupList>('GET', '/apis');
    const v1 = expect.objectContaining({ version: 'v1' });
    const group = groups.find(({ name }) => name === 'discovery.k8s.io');
    expect(group?.versions).toContainEqual(v1);
    expect((await c.api.call<APIGroup>('GET', '/apis/discovery.k8s.io')).versions).toContainEqual(
      v1,
    );
    const list = await c.api.call<APIResourceList>('GET', '/apis/discovery.k8s.io/v1');
    expect(list.resources.map(({ name }) => name)).toContain('endpointslices');

    const slices = endpointSlices(c);
    const labelSelector = `special-label=${c.namespace}`;
    const create = () =>
      slices.create({
        metadata: { generateName: 'e2e-example-ing', labels: { 'special-label': c.namespace } },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }, { addresses: ['2.2.3.4', '6.6.7.8'] }],
      });
    await create();
    await create();
    const { name, uid } = (await create()).metadata;
    expect((await slices.get(name)).metadata.uid).toBe(uid);
    const listed = await slices.list({ labelSelector });
    expect(listed.items).toHaveLength(3);
    const { resourceVersion } = listed.metadata;
    using watch = await slices.watch({ labelSelector, resourceVersion });
    const everywhere = c.all<EndpointSlice>('discovery.k8s.io/v1', 'endpointslices');
    expect((await everywhere.list({ labelSelector })).items).toHaveLength(3);
    using wide = await everywhere.watch({ labelSelector, resourceVersion });

    const patched = await slices.patch(
      name,
      { metadata: { annotations: { patched: 'true' } } },
      { type: 'merge' },
    );
    expect(patched.metadata.annotations).toMatchObject({ patched: 'true' });
    const updated = await slices.update(name, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, updated: 'true' };
    });
    expect(updated.metadata.annotations).toMatchObject({ updated: 'true' });
    for (const one of [watch, wide]) {
      const event = await one.next(30_000);
      expect(event?.type).toBe('MODIFIED');
      expect(event?.object.metadata.annotations).toMatchObject({ patched: 'true' });
    }

    await slices.delete(name);
    await expect(slices.get(name)).rejects.toMatchObject({ code: 404 });
    const left = (await slices.list({ labelSelector })).items.map(({ metadata }) => metadata.name);
    expect(left).toHaveLength(2);
    expect(left).not.toContain(name);
    await slices.deleteCollection({ labelSelector });
    expect((await slices.list({ labelSelector })).items).toEqual([]);
  },
);

conformance(
  '[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete',
  async (c) => {
    const name = 'example-custom-endpoints';
    const endpoints = c.in<Endpoints>('v1', 'endpoints');
    await c.in<Service>('v1', 'services').create({
      metadata: { name },
      spec: { ports: [{ name: 'example', port: 80, protocol: 'TCP' }] },
    });
    const leadingTo = (ip: string): Endpoints => ({
      metadata: { name },
      subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }],
    });
    const mirrored = (ip: string) =>
      until(
        `a mirror with ${ip}`,
        async () => {
          const slices = await slicesOf(c, name);
          expect(slices).toMatchObject([
            { ports: [{ port: 80 }], endpoints: [{ addresses: [ip] }] },
          ]);
          expect(slices[0]!.endpoints).toHaveLength(1);
          return true;
        },
        12_000,
      );
    await endpoints.create(leadingTo('10.1.2.3'));
    await mirrored('10.1.2.3');
    await endpoints.replace(leadingTo('10.2.3.4'));
    await mirrored('10.2.3.4');
    await endpoints.delete(name);
    await until('no mirror', async () => (await slicesOf(c, name)).length === 0, 12_000);
  },
);

function endpointSlices(c: Conformance): Resource<EndpointSlice> {
  return c.in<EndpointSlice>('discovery.k8s.io/v1', 'endpointslices');
}

async function slicesOf(c: Conformance, service: string) {
  const labelSelector = `kubernetes.io/service-name=${service}`;
  return (await endpointSlices(c).list({ labelSelector })).items;
}
