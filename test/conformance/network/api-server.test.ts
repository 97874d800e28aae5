import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { Resource } from '../support/resource.ts';

conformance('[sig-network] API Server should provide secure master service', async (c) => {
  const services = new Resource<Service>(c.api, 'v1', 'services', 'default');
  const { spec } = await services.get('kubernetes');
  expect(spec.ports?.map(({ port }) => port)).toContain(443);
});

conformance(
  '[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server',
  async (c) => {
    const inDefault = <T extends object>(groupVersion: string, plural: string) =>
      new Resource<T>(c.api, groupVersion, plural, 'default');
    await inDefault<Service>('v1', 'services').get('kubernetes');
    const endpoints = await inDefault<Endpoints>('v1', 'endpoints').get('kubernetes');
    expect(endpoints.subsets?.length ?? 0).toBeGreaterThan(0);
    const slices = await inDefault<EndpointSlice>('discovery.k8s.io/v1', 'endpointslices').list({
      labelSelector: 'kubernetes.io/service-name=kubernetes',
    });
    expect(slices.items.length).toBeGreaterThan(0);

    const inEndpoints = endpoints.subsets!.flatMap(({ addresses, ports }) =>
      (addresses ?? []).flatMap(({ ip }) => (ports ?? []).map(({ port }) => `${ip}:${port}`)),
    );
    const inSlices = slices.items.flatMap((slice) =>
      slice.endpoints.flatMap(({ addresses }) =>
        addresses.flatMap((ip) => (slice.ports ?? []).map(({ port }) => `${ip}:${port}`)),
      ),
    );
    expect([...new Set(inSlices)].toSorted()).toEqual([...new Set(inEndpoints)].toSorted());
  },
);
