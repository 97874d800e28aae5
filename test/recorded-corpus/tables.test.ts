import { describe, expect, test } from 'vitest';
import { recorded } from '../support/recorded.ts';
import { comparable } from './comparable.ts';
import { GROUPS, nameOfResource, pathOfResource } from './discovered.ts';
import { exceptionFor, titled } from './exceptions.ts';
import { isReal, useTarget } from './target.ts';

const target = useTarget();
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('the columns of', () => {
  for (const [key, columns] of Object.entries(
    recorded<Record<string, object[]>>('table-columns.json'),
  )) {
    const [groupPart = '', version = '', plural = ''] = key.split('/');
    const group = groupPart === 'core' ? '' : groupPart;
    const resource = GROUPS.find(({ metadata }) => (metadata.name ?? '') === group)
      ?.versions.find((one) => one.version === version)
      ?.resources.find((one) => one.resource === plural);
    const reason = resource
      ? exceptionFor(nameOfResource(group, plural), isReal)
      : 'not in the recorded discovery';
    test.skipIf(reason !== undefined).each([titled(key, reason)])('%s', async () => {
      const path = pathOfResource(group, version, resource!);
      const { status, body } = await target().call(`${path}?limit=1`, { accept: TABLE });
      expect(status).toBe(200);
      expect(comparable(body.columnDefinitions)).toEqual(columns);
    });
  }
});

interface RecordedTable {
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

/** Rows that depend on nothing but what a client writes. */
const WRITTEN = [
  ['endpoints', '/api/v1/namespaces/default/endpoints'],
  ['endpointslices', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'],
  // Last, for Services get endpoints of their own.
  ['services', '/api/v1/namespaces/default/services'],
] as const;

describe('the rows of', () => {
  test.each(WRITTEN)('%s', async (plural, path) => {
    const { items } = recorded<{ items: { metadata: { name: string; labels?: object } }[] }>(
      `objects/${plural}.json`,
    );
    const table = recorded<RecordedTable>(`tables/${plural}.json`);
    for (const item of items) {
      // Without its Service's name and its manager no controller claims it.
      const { name } = item.metadata;
      const object = withoutAllocated({ ...item, metadata: { name } });
      const row = table.rows.find(({ cells }) => cells[0] === name);
      if (!row) continue;
      await target().created(path, object);
      const { body } = await target().call(`${path}/${name}?includeObject=None`, {
        accept: TABLE,
      });
      expect(cellsOf(body)).toEqual(cellsOf({ rows: [row] }));
    }
  });
});

function withoutAllocated(object: object): object {
  const copy = structuredClone(object) as { spec?: Record<string, unknown>; status?: unknown };
  if (copy.spec?.['clusterIP'] !== 'None') {
    delete copy.spec?.['clusterIP'];
    delete copy.spec?.['clusterIPs'];
  }
  return copy;
}

function cellsOf({ rows }: RecordedTable): unknown[] {
  return rows.map(({ cells }) =>
    (comparable(cells) as unknown[]).map((cell) =>
      typeof cell === 'string' && /^(\d+[smhdy])+$|^<unknown>$/.test(cell) ? 'AGE' : cell,
    ),
  );
}
