import type { APIGroup, APIGroupList, APIResourceList } from 'kubernetes-types/meta/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';

/** Group, version and a resource that every cluster serves. */
const expected = [
  ['admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations'],
  ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions'],
  ['apiregistration.k8s.io', 'v1', 'apiservices'],
  ['apps', 'v1', 'deployments'],
  ['authentication.k8s.io', 'v1', 'tokenreviews'],
  ['authorization.k8s.io', 'v1', 'selfsubjectaccessreviews'],
  ['autoscaling', 'v1', 'horizontalpodautoscalers'],
  ['autoscaling', 'v2', 'horizontalpodautoscalers'],
  ['batch', 'v1', 'jobs'],
  ['certificates.k8s.io', 'v1', 'certificatesigningrequests'],
  ['coordination.k8s.io', 'v1', 'leases'],
  ['discovery.k8s.io', 'v1', 'endpointslices'],
  ['events.k8s.io', 'v1', 'events'],
  ['networking.k8s.io', 'v1', 'ingresses'],
  ['node.k8s.io', 'v1', 'runtimeclasses'],
  ['policy', 'v1', 'poddisruptionbudgets'],
  ['scheduling.k8s.io', 'v1', 'priorityclasses'],
  ['storage.k8s.io', 'v1', 'csinodes'],
] as const;

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

interface GroupDiscoveryList {
  readonly kind: string;
  readonly items: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly { readonly resource: string }[];
    }[];
  }[];
}

conformance(
  '[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers',
  async (c) => {
    const groups = await served(c, '/apis');
    for (const row of expected) expect(groups).toContain(row.join('/'));
    expect(await served(c, '/api')).toContain('/v1/namespaces');
  },
);

conformance(
  '[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface',
  async (c) => {
    // What client-go does: it asks for both documents, offering all forms, newest first.
    const accept = [aggregated, aggregated.replace('v=v2', 'v=v2beta1'), 'application/json'].join();
    for (const [path, rows] of [
      ['/apis', expected],
      ['/api', [['', 'v1', 'namespaces']]],
    ] as const) {
      const answer = await c.api.raw('GET', path, { headers: { accept } });
      expect(answer.code).toBe(200);
      expect(answer.headers['content-type']).toContain('as=APIGroupDiscoveryList');
      const found = flatten(JSON.parse(answer.body) as GroupDiscoveryList);
      for (const row of rows) expect(found).toContain(row.join('/'));
    }
  },
);

conformance(
  '[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup',
  async (c) => {
    const { groups } = await c.api.call<APIGroupList>('GET', '/apis/');
    expect(groups.length).toBeGreaterThan(0);
    for (const { name } of groups.filter((group) => !group.name.endsWith('.example.com'))) {
      const group = await c.api.call<APIGroup>('GET', `/apis/${name}/`);
      const versions = group.versions.map(({ groupVersion }) => groupVersion);
      expect(versions.length, name).toBeGreaterThan(0);
      expect(versions, name).toContain(group.preferredVersion?.groupVersion);
    }
  },
);

conformance(
  '[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup',
  async (c) => {
    const rows = [['', 'v1', 'namespaces'], ...expected] as const;
    for (const [group, version, resource] of rows) {
      const groupVersion = group === '' ? version : `${group}/${version}`;
      const path = group === '' ? `/api/${version}` : `/apis/${groupVersion}`;
      const list = await c.api.call<APIResourceList>('GET', path);
      expect(list.groupVersion).toBe(groupVersion);
      expect(list.resources.map(({ name }) => name)).toContain(resource);
    }
  },
);

conformance('[sig-api-machinery] server version should find the server version', async (c) => {
  const version = await c.api.call<{ major: string; minor: string }>('GET', '/version');
  expect(version.major).toMatch(/^\d+$/);
  expect(version.minor).toMatch(/^\d+\+?$/);
  expect(Number(version.major)).toBeGreaterThanOrEqual(1);
});

async function served(c: Conformance, path: string): Promise<string[]> {
  const accept = { headers: { accept: aggregated } };
  return flatten(await c.api.call<GroupDiscoveryList>('GET', path, accept));
}

/** `group/version/resource` of everything in a document. */
function flatten({ kind, items }: GroupDiscoveryList): string[] {
  expect(kind).toBe('APIGroupDiscoveryList');
  return items.flatMap(({ metadata, versions }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources.map(({ resource }) => `${metadata?.name ?? ''}/${version}/${resource}`),
    ),
  );
}
