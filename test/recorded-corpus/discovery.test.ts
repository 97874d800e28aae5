import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { recorded } from '../support/recorded.ts';
import {
  type AggregatedGroup,
  type AggregatedResource,
  GROUPS,
  nameOfResource,
} from './discovered.ts';
import { exceptionFor, titled } from './exceptions.ts';
import { isReal, useTarget } from './target.ts';

const target = useTarget();
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

let answered: readonly AggregatedGroup[] = [];
beforeAll(async () => {
  const [core, groups] = await Promise.all(
    ['/api', '/apis'].map((path) => target().call(path, { accept: AGGREGATED })),
  );
  answered = [core, groups].flatMap((answer) => answer?.body.items as AggregatedGroup[]);
});

describe('aggregated discovery', () => {
  test.each(['/api', '/apis'])('%s has the recorded groups in their order', async (path) => {
    const { body, headers } = await target().call(path, { accept: AGGREGATED });
    expect(headers['content-type']).toBe(AGGREGATED);
    const groups = (body.items as AggregatedGroup[]).map(({ metadata }) => metadata.name ?? '');
    const wanted = GROUPS.filter((group) => servedResources(group).length > 0)
      .map(({ metadata }) => metadata.name ?? '')
      .filter((name) => (name === '') === (path === '/api'));
    expect(groups.filter((name) => wanted.includes(name))).toEqual(wanted);
  });

  for (const group of GROUPS) {
    const name = group.metadata.name ?? '';
    for (const { version, resources } of group.versions) {
      for (const resource of resources) {
        const qualified = nameOfResource(name, resource.resource);
        const reason = exceptionFor(qualified, isReal);
        const title = `${name}/${version} ${resource.resource}`;
        test.skipIf(reason !== undefined).each([titled(title, reason)])('%s', () => {
          const served = answered
            .find(({ metadata }) => (metadata.name ?? '') === name)
            ?.versions.find((one) => one.version === version)?.resources;
          const answer = served?.find((one) => one.resource === resource.resource);
          expect(answer && withoutExceptions(name, answer)).toEqual(
            withoutExceptions(name, resource),
          );
        });
      }
    }
  }
});

function withoutExceptions(
  group: string,
  resource: AggregatedResource,
): Omit<AggregatedResource, 'subresources'> & { subresources?: readonly string[] } {
  const { subresources = [], ...rest } = resource;
  const kept = subresources.filter(
    ({ subresource }) =>
      !exceptionFor(nameOfResource(group, `${resource.resource}/${subresource}`), isReal),
  );
  return { ...rest, subresources: kept.map((one) => JSON.stringify(one)) };
}

function servedResources({ metadata, versions }: AggregatedGroup): readonly unknown[] {
  return versions
    .flatMap(({ resources }) => resources)
    .filter(({ resource }) => !exceptionFor(nameOfResource(metadata.name ?? '', resource), isReal));
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string }[];
}

describe('the resource list of a group version', () => {
  const files = readdirSync(new URL('../recorded/discovery/', import.meta.url));
  for (const file of files.filter((name) => /^apis?_/.test(name))) {
    const wanted = recorded<ResourceList>(`discovery/${file}`);
    const [, group = ''] = wanted.groupVersion.split('/').toReversed();
    const resources = wanted.resources.filter(
      ({ name }) =>
        ![name, name.split('/')[0] ?? ''].some((one) =>
          exceptionFor(nameOfResource(group, one), isReal),
        ),
    );
    test.skipIf(resources.length === 0).each([wanted.groupVersion])('%s', async () => {
      const path = group === '' ? '/api/v1' : `/apis/${wanted.groupVersion}`;
      const { body } = await target().call(path);
      expect({ ...body, resources: undefined }).toEqual({ ...wanted, resources: undefined });
      const names = new Set(resources.map(({ name }) => name));
      const served = (body as ResourceList).resources;
      expect(served.filter(({ name }) => names.has(name))).toEqual(resources);
    });
  }
});
