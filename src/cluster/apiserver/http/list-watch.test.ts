import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestServer, useApiServer } from '../../../../test/support/api-server.ts';

const server = useApiServer();
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

function configMap(name: string, value = '', labels: Record<string, string> = {}) {
  return { metadata: { name, namespace: 'default', labels }, data: { value } };
}

async function take<T>(events: AsyncGenerator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

describe('lists', () => {
  it('chunks show one state, however much changes in between', async () => {
    await using own = await TestServer.start();
    for (const name of ['a', 'b', 'c', 'd', 'e']) own.api.create('configmaps', configMap(name));
    const first = await own.call(`${CONFIGMAPS}?limit=2`);
    own.api.delete('configmaps', { namespace: 'default', name: 'd' });
    own.api.create('configmaps', configMap('bb'));
    const names = first.body.items.map((item: any) => item.metadata.name);
    let token = first.body.metadata.continue;
    expect(first.body.metadata.remainingItemCount).toBe(3);
    while (token) {
      const { body } = await own.call(`${CONFIGMAPS}?limit=2&continue=${token}`);
      expect(body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
      names.push(...body.items.map((item: any) => item.metadata.name));
      token = body.metadata.continue;
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('a token older than the history is answered with 410 and one that goes on from now', async () => {
    await using own = await TestServer.start();
    for (const name of ['a', 'b', 'c']) own.api.create('configmaps', configMap(name));
    const first = await own.call(`${CONFIGMAPS}?limit=1`);
    own.api.delete('configmaps', { namespace: 'default', name: 'b' });
    own.server.compact();
    const expired = await own.call(
      `${CONFIGMAPS}?limit=1&continue=${first.body.metadata.continue}`,
    );
    expect(expired.status).toBe(410);
    expect(expired.body.reason).toBe('Expired');
    const rest = await own.call(`${CONFIGMAPS}?continue=${expired.body.metadata.continue}`);
    expect(rest.body.items.map((item: any) => item.metadata.name)).toEqual(['c']);
  });

  it('a past revision can be listed exactly, until it is compacted', async () => {
    await using own = await TestServer.start();
    own.api.create('configmaps', configMap('a'));
    const { resourceVersion } = (await own.call(CONFIGMAPS)).body.metadata;
    own.api.create('configmaps', configMap('b'));
    const path = `${CONFIGMAPS}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`;
    expect((await own.call(path)).body.items).toHaveLength(1);
    own.server.compact();
    expect((await own.call(path)).status).toBe(410);
  });

  it('items come without kind, and with labels and fields selected', async () => {
    await using own = await TestServer.start();
    own.api.create('configmaps', configMap('a', '', { x: '1' }));
    own.api.create('configmaps', configMap('b', '', { x: '2' }));
    const { body } = await own.call(
      `${CONFIGMAPS}?labelSelector=x%20in%20(1,2)&fieldSelector=metadata.name%3Db`,
    );
    expect(body.kind).toBe('ConfigMapList');
    expect(body.items).toHaveLength(1);
    expect(Object.keys(body.items[0])).toEqual(['metadata', 'data']);
  });

  it('comes as a Table, or as metadata only, when asked', async () => {
    const table = await server().call('/api/v1/namespaces', {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    expect(table.body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    expect(table.body.rows[0].cells[0]).toBe('default');
    const metadata = await server().call('/api/v1/namespaces', {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    expect(metadata.body.kind).toBe('PartialObjectMetadataList');
    expect(Object.keys(metadata.body.items[0])).toEqual(['kind', 'apiVersion', 'metadata']);
  });
});

describe('watches', () => {
  it('begin with what there is and go on with what comes', async () => {
    await using own = await TestServer.start();
    own.api.create('configmaps', configMap('a'));
    const events = own.watch(`${CONFIGMAPS}?watch=true`);
    const first = (await events.next()).value;
    own.api.patch(
      'configmaps',
      { namespace: 'default', name: 'a' },
      { data: { value: 'x' } },
      { type: 'merge' },
    );
    own.api.delete('configmaps', { namespace: 'default', name: 'a' });
    const [second, third] = await take(events, 2);
    expect([first?.type, second?.type, third?.type]).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(third?.object.data.value).toBe('x');
    expect(Number(third?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(second?.object.metadata.resourceVersion),
    );
  });

  it('an object that comes into the selection is ADDED, one that leaves it DELETED', async () => {
    await using own = await TestServer.start();
    const key = { namespace: 'default', name: 'a' };
    const relabel = (x: string) =>
      own.api.patch('configmaps', key, { metadata: { labels: { x } } }, { type: 'merge' });
    const { resourceVersion = '' } = own.api.create<any>('configmaps', configMap('a')).metadata;
    relabel('1');
    relabel('2');
    const events = own.watch(
      `${CONFIGMAPS}?watch=true&resourceVersion=${resourceVersion}&labelSelector=x%3D1`,
    );
    const [added, deleted] = await take(events, 2);
    expect([added?.type, deleted?.type]).toEqual(['ADDED', 'DELETED']);
    expect(deleted?.object.metadata.labels).toEqual({ x: '1' });
  });

  it('stream the list first and mark its end when asked', async () => {
    const events = server().watch(
      '/api/v1/namespaces?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1',
    );
    const taken = await take(events, 5);
    expect(taken.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'ADDED', 'ADDED', 'BOOKMARK']);
    expect(taken[4]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  it('refuse initial events without the match that makes them consistent', async () => {
    const answer = await server().call('/api/v1/namespaces?watch=true&sendInitialEvents=true');
    expect(answer.status).toBe(422);
    expect(answer.body.message).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  });

  it('end with an ERROR 410 when their past is forgotten', async () => {
    await using own = await TestServer.start();
    own.api.create('configmaps', configMap('a'));
    own.server.compact();
    const [event] = await take(own.watch(`${CONFIGMAPS}?watch=true&resourceVersion=1`), 1);
    expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(event?.object.message).toMatch(/^too old resource version: 1 \(\d+\)$/);
  });

  it('that nobody reads are dropped, and the others go on', async () => {
    await using own = await TestServer.start();
    // Nobody reads it; what the kernel buffers, and the limit of 16 MB, has to fill up.
    const stuck = await own.open(`${CONFIGMAPS}?watch=true`);
    const reading = own.watch(`${CONFIGMAPS}?watch=true`);
    own.api.create('configmaps', configMap('big'));
    let seen = (await reading.next()).value;
    for (let round = 0; round < 150; round++) {
      const value = String(round).padEnd(300_000, 'x');
      own.api.update('configmaps', configMap('big', value));
      seen = (await reading.next()).value;
    }
    expect(seen?.object.data.value).toMatch(/^149x/);
    const closed = new Promise((resolve) => stuck.once('close', resolve));
    stuck.on('error', () => undefined).resume();
    await closed;
    expect(stuck.complete).toBe(false);
  });

  it('end when their time is up', async () => {
    const started = performance.now();
    const events: unknown[] = [];
    for await (const event of server().watch(`${CONFIGMAPS}?watch=true&timeoutSeconds=1`))
      events.push(event);
    expect(performance.now() - started).toBeGreaterThan(900);
  });

  it('folded over a list they give the next list', async () => {
    await using own = await TestServer.start();
    const change = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      value: fc.string({ maxLength: 4 }),
      isDeleted: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 15 }), async (changes) => {
        const before = (await own.call(CONFIGMAPS)).body;
        const state = new Map<string, any>(
          before.items.map((item: any) => [item.metadata.name, item]),
        );
        const events = own.watch(
          `${CONFIGMAPS}?watch=true&resourceVersion=${before.metadata.resourceVersion}`,
        );
        for (const { name, value, isDeleted } of changes) {
          const key = { namespace: 'default', name };
          const exists = own.api.get('configmaps', key);
          if (isDeleted && exists) own.api.delete('configmaps', key);
          else if (exists) own.api.update('configmaps', configMap(name, value));
          else if (!isDeleted) own.api.create('configmaps', configMap(name, value));
        }
        own.api.create('configmaps', configMap('end'));
        own.api.delete('configmaps', { namespace: 'default', name: 'end' });
        for await (const { type, object } of events) {
          const { kind: _kind, apiVersion: _apiVersion, ...item } = object;
          if (type === 'DELETED') state.delete(item.metadata.name);
          else state.set(item.metadata.name, item);
          if (type === 'DELETED' && item.metadata.name === 'end') break;
        }
        const after = (await own.call(CONFIGMAPS)).body.items;
        expect(
          [...state.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
        ).toEqual(after);
      }),
      { numRuns: 30 },
    );
  });
});
