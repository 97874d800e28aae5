import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestServer, useApiServer } from '../../../../test/support/api-server.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const STREAMED = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
const server = useApiServer();

function configMap(name: string, value = '', x = '1') {
  return { metadata: { name, namespace: 'default', labels: { x } }, data: { value } };
}

/** All events of a watch that ends by itself. */
async function eventsOf(own: TestServer, path: string, accept?: string): Promise<any[]> {
  const events: any[] = [];
  for await (const event of own.watch(path, accept ? { accept } : {})) events.push(event);
  return events;
}

const summary = (events: any[]) =>
  events.map(({ type, object }) => `${type} ${object.metadata?.name ?? object.code ?? ''}`.trim());

describe.concurrent('a watch begins', () => {
  it.each([
    ['watch=1', ['ADDED a', 'ADDED b']],
    ['watch=true&resourceVersion=0', ['ADDED a', 'ADDED b']],
    ['watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan', []],
    ['watch=1&resourceVersion=RV', ['ADDED b']],
    ['watch=1&resourceVersion=99999999', []],
    [STREAMED, ['ADDED a', 'ADDED b']],
    [`${STREAMED}&allowWatchBookmarks=true`, ['ADDED a', 'ADDED b', 'BOOKMARK', 'BOOKMARK']],
    [`${STREAMED}&resourceVersion=99999999`, ['ERROR 504']],
    ['watch=1&fieldSelector=metadata.name%3Db', ['ADDED b']],
    ['watch=1&allowWatchBookmarks=true&resourceVersion=RV', ['ADDED b', 'BOOKMARK']],
  ])('%s', async (query, expected) => {
    await using own = await TestServer.start();
    const { metadata } = own.api.create<any>('configmaps', configMap('a'));
    own.api.create('configmaps', configMap('b'));
    const path = `${CONFIGMAPS}?timeoutSeconds=1&${query.replace('RV', metadata.resourceVersion)}`;
    expect(summary(await eventsOf(own, path))).toEqual(expected);
  });

  it('with a bookmark last that has seen everything', async () => {
    await using own = await TestServer.start();
    const { metadata } = own.api.create<any>('configmaps', configMap('a'));
    const events = await eventsOf(
      own,
      `${CONFIGMAPS}?watch=1&allowWatchBookmarks=1&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`,
    );
    expect(events).toEqual([
      {
        type: 'BOOKMARK',
        object: {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: { resourceVersion: metadata.resourceVersion },
        },
      },
    ]);
  });

  it.each([
    ['/api/v1/watch/namespaces/default/configmaps', ['ADDED a', 'ADDED b']],
    ['/api/v1/watch/namespaces/default/configmaps/b', ['ADDED b']],
    ['/api/v1/watch/configmaps', ['ADDED a', 'ADDED b']],
    ['/api/v1/watch/namespaces/default', ['ADDED default']],
  ])('also by the path %s', async (path, expected) => {
    await using own = await TestServer.start();
    own.api.create('configmaps', configMap('a'));
    own.api.create('configmaps', configMap('b'));
    expect(summary(await eventsOf(own, `${path}?timeoutSeconds=1`))).toEqual(expected);
  });

  it('but not where it is said not to be one', async () => {
    const { body } = await server().call(`${CONFIGMAPS}?watch=false`);
    expect(body.kind).toBe('ConfigMapList');
  });

  it('not by another method, and not below an object', async () => {
    const path = '/api/v1/watch/namespaces/default/configmaps';
    expect((await server().call(path, { method: 'DELETE' })).status).toBe(405);
    expect((await server().call('/api/v1/watch/namespaces/default/pods/a/log')).status).toBe(404);
  });

  it('only with options that make sense together', async () => {
    const { status, body } = await server().call(
      `${CONFIGMAPS}?watch=1&resourceVersionMatch=Exact&continue=x`,
    );
    expect(status).toBe(422);
    expect(body.details.causes.map(({ message }: any) => message)).toEqual([
      'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      'Unsupported value: "Exact": supported values: "NotOlderThan"',
      'Forbidden: resourceVersionMatch is forbidden when continue is provided',
    ]);
  });
});

describe.concurrent('a watch of', () => {
  it('metadata has nothing else in its events', async () => {
    await using own = await TestServer.start();
    own.api.create('configmaps', configMap('a'));
    const accept = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
    const [event] = await eventsOf(own, `${CONFIGMAPS}?watch=1&timeoutSeconds=1`, accept);
    expect(Object.keys(event.object)).toEqual(['kind', 'apiVersion', 'metadata']);
    expect(event.object.kind).toBe('PartialObjectMetadata');
  });

  it.each(['pods', 'services', 'nodes', 'events', 'endpoints', 'secrets', 'configmaps'])(
    'Tables of %s names the columns once, bookmarks included',
    async (plural) => {
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
      const path = `/api/v1/${plural}?${STREAMED}&allowWatchBookmarks=1&timeoutSeconds=1`;
      const events = await eventsOf(server(), path, accept);
      const kinds = new Set(events.map(({ object }) => object.kind));
      expect(kinds).toEqual(new Set(['Table']));
      expect(events.at(-1).type).toBe('BOOKMARK');
      expect(Number(events.at(-1).object.metadata.resourceVersion)).toBeGreaterThan(0);
    },
  );
});

const change = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  x: fc.constantFrom('1', '2'),
  value: fc.string({ maxLength: 4 }),
  kind: fc.constantFrom('write', 'write', 'write', 'delete', 'resume', 'compact'),
});

describe('whatever happens', () => {
  it('the events folded into the list are the next list: selected, resumed, compacted', async () => {
    await using own = await TestServer.start();
    const SELECTED = `${CONFIGMAPS}?labelSelector=x%3D1`;
    let last = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 25 }), async (changes) => {
        const informer = new Informer(own, SELECTED);
        await informer.list();
        for (const { name, x, value, kind } of changes) {
          const key = { namespace: 'default', name };
          const exists = own.api.get('configmaps', key) !== undefined;
          if (kind === 'compact') own.server.compact();
          else if (kind === 'resume') await informer.follow(last);
          else if (kind === 'delete' && exists) own.api.delete('configmaps', key);
          else if (kind === 'write' && exists)
            own.api.update('configmaps', configMap(name, value, x));
          else if (kind === 'write') own.api.create('configmaps', configMap(name, value, x));
        }
        // A mark that every watch sees: the last event there is.
        const mark = own.api.create<any>('configmaps', configMap('mark', String(Math.random())));
        last = Number(mark.metadata.resourceVersion);
        await informer.follow(last);
        const after = (await own.call(SELECTED)).body.items;
        expect(informer.items()).toEqual(after);
        own.api.delete('configmaps', { namespace: 'default', name: 'mark' });
      }),
      { numRuns: 25 },
    );
  });

  it('all watchers see the same events in the same order', async () => {
    await using own = await TestServer.start();
    const { resourceVersion } = (await own.call(CONFIGMAPS)).body.metadata;
    // From one revision, not from their own beginnings, which are in the order of a list.
    const path = `/api/v1/configmaps?watch=1&resourceVersion=${resourceVersion}`;
    const watchers = Array.from({ length: 8 }, async () => {
      const events: any[] = [];
      for await (const event of own.watch(path)) if (events.push(event) === 30) break;
      return events;
    });
    const names = Array.from({ length: 30 }, (_, n) => `c${n}`);
    const post = (name: string) => own.call(CONFIGMAPS, { method: 'POST', body: configMap(name) });
    await Promise.all(names.map(post));
    const [first, ...others] = await Promise.all(watchers);
    expect(summary(first!).toSorted()).toEqual(names.map((name) => `ADDED ${name}`).toSorted());
    for (const other of others) expect(other).toEqual(first);
  });
});

/** What a client keeps of a selection: a list, and what its watches brought since. */
class Informer {
  readonly #own: TestServer;
  readonly #path: string;
  #state = new Map<string, any>();
  #revision = '';

  constructor(own: TestServer, path: string) {
    this.#own = own;
    this.#path = path;
  }

  async list(): Promise<void> {
    const { body } = await this.#own.call(this.#path);
    this.#state = new Map(body.items.map((item: any) => [item.metadata.name, item]));
    this.#revision = body.metadata.resourceVersion;
  }

  /** Watches from where it was until there is nothing more, and lists again when that is forgotten. */
  async follow(last: number): Promise<void> {
    if (Number(this.#revision) >= last && last > 0) return;
    const events = this.#own.watch(
      `${this.#path}&watch=1&allowWatchBookmarks=1&timeoutSeconds=5&resourceVersion=${this.#revision}`,
    );
    for await (const { type, object } of events) {
      if (type === 'ERROR') {
        if (object.code !== 410) throw new Error(JSON.stringify(object));
        await this.list();
        return;
      }
      this.#revision = object.metadata.resourceVersion;
      const { kind: _kind, apiVersion: _apiVersion, ...item } = object;
      if (type === 'DELETED') this.#state.delete(item.metadata.name);
      else if (type !== 'BOOKMARK') this.#state.set(item.metadata.name, item);
      if (Number(this.#revision) >= last) return;
    }
    // A busy machine may not bring all before the watch's time is over.
    if (last > 0) await this.follow(last);
  }

  items(): any[] {
    return [...this.#state.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }
}
