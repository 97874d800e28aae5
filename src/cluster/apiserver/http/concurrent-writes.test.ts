import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TestServer } from '../../../../test/support/api-server.ts';

const WRITERS = 50;
const PATH = '/api/v1/namespaces/default/configmaps';
const WAYS = ['put', 'merge', 'strategic', 'json', 'apply'] as const;

/** Adds one field, in one of the ways there are, and tries again when somebody else was first. */
async function add(own: TestServer, field: string, way: (typeof WAYS)[number]): Promise<void> {
  for (;;) {
    const { status } = await write(own, field, way);
    if (status < 300) return;
    if (status !== 409) throw new Error(`${way} of ${field} was answered with ${status}`);
  }
}

async function write(own: TestServer, field: string, way: (typeof WAYS)[number]) {
  const path = `${PATH}/shared`;
  const data = { [field]: 'x' };
  switch (way) {
    case 'put': {
      const { body } = await own.call(path);
      Object.assign(body.data, data);
      return own.call(path, { method: 'PUT', body });
    }
    case 'merge':
    case 'strategic': {
      const contentType = `application/${way === 'merge' ? 'merge' : 'strategic-merge'}-patch+json`;
      return own.call(path, { method: 'PATCH', contentType, body: { data } });
    }
    case 'json':
      return own.call(path, {
        method: 'PATCH',
        contentType: 'application/json-patch+json',
        body: [{ op: 'add', path: `/data/${field}`, value: 'x' }],
      });
    case 'apply':
      return own.call(`${path}?fieldManager=${field}`, {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'shared' }, data },
      });
  }
}

it('of 50 concurrent writers, each in its way, no update is lost and each has its revision', async () => {
  await using own = await TestServer.start();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...WAYS), { minLength: WRITERS, maxLength: WRITERS }),
      async (ways) => {
        const created = await own.call(PATH, {
          method: 'POST',
          body: { metadata: { name: 'shared' }, data: { first: 'x' } },
        });
        await Promise.all(ways.map((way, n) => add(own, `field-${n}`, way)));
        const { resourceVersion } = created.body.metadata;
        const { body } = await own.call(`${PATH}/shared`);
        expect(Object.keys(body.data)).toHaveLength(WRITERS + 1);
        let updates = 0;
        const selector = 'fieldSelector=metadata.name%3Dshared';
        const events = own.watch(`${PATH}?watch=1&resourceVersion=${resourceVersion}&${selector}`);
        for await (const { object } of events) {
          updates += 1;
          expect(Object.keys(object.data)).toHaveLength(updates + 1);
          if (object.metadata.resourceVersion === body.metadata.resourceVersion) break;
        }
        expect(updates).toBe(WRITERS);
        await own.call(`${PATH}/shared`, { method: 'DELETE' });
      },
    ),
    { numRuns: 4 },
  );
});
