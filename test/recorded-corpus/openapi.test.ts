import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { recorded } from '../support/recorded.ts';
import { useTarget } from './target.ts';

type Json = Record<string, unknown>;

interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

const target = useTarget();

const files = readdirSync(new URL('../recorded/openapi/v3/', import.meta.url)).filter(
  (file) => /^apis?_/.test(file) && !file.includes('apiextensions'),
);

/** What only the server's own paths speak of. */
const UNUSED =
  /\.(?:APIGroup|APIResource|APIResourceList|DeleteOptions|FieldsV1|ListMeta|Patch|Preconditions|RawExtension|ShardInfo|Status|StatusCause|StatusDetails|WatchEvent|Binding|Eviction|Scale|ScaleSpec|ScaleStatus|TokenRequest\w*|BoundObjectReference|ComponentStatus\w*|ComponentCondition)$/;

describe('the OpenAPI document', () => {
  test('has every group version in its index, with the hash of its content', async () => {
    const { body } = await target().call('/openapi/v3');
    const paths = body.paths as Record<string, { serverRelativeURL: string }>;
    for (const file of files) {
      expect(paths).toHaveProperty([file.replaceAll('_', '/').replace('.json', '')]);
    }
    expect(paths['apis/apps/v1']?.serverRelativeURL).toMatch(
      /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/,
    );
  });

  test.each(files)('%s has the recorded types', async (file) => {
    const path = file.replaceAll('_', '/').replace('.json', '');
    const { body } = await target().call(`/openapi/v3/${path}`);
    const { schemas } = (body as OpenApi).components;
    const wanted = recorded<OpenApi>(`openapi/v3/${file}`).components.schemas;
    const names = Object.keys(wanted).filter((name) => !UNUSED.test(name));
    const differing = names.filter(
      (name) => JSON.stringify(plain(schemas[name])) !== JSON.stringify(plain(wanted[name])),
    );
    expect(differing.map((name) => [name, plain(schemas[name])])).toEqual(
      differing.map((name) => [name, plain(wanted[name])]),
    );
  });
});

/** Sorted, without texts, and without what goes without saying: a list is atomic, a zero the default. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { allOf } = value as { allOf?: unknown };
  if (Array.isArray(allOf)) return plain({ ...value, allOf: undefined, ...(allOf[0] as Json) });
  const entries = Object.entries(value).filter(
    ([key, item]) =>
      item !== undefined &&
      key !== 'description' &&
      !(key === 'x-kubernetes-list-type' && item === 'atomic') &&
      !(key === 'x-kubernetes-map-type' && item === 'granular') &&
      !(key === 'x-kubernetes-unions') &&
      !(key === 'default' && (typeof item === 'object' || [0, '', false].includes(item as ''))),
  );
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([key, item]) => [
      key,
      Array.isArray(item) && (key === 'required' || key === 'x-kubernetes-list-map-keys')
        ? (item as string[]).toSorted()
        : plain(item),
    ]),
  );
}
