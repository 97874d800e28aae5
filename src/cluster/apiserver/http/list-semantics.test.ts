import { describe, expect, it } from 'vitest';
import { TestServer, useApiServer } from '../../../../test/support/api-server.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const server = useApiServer();

function configMap(name: string, labels: Record<string, string> = {}, namespace = 'default') {
  return { metadata: { name, namespace, labels } };
}

function names(body: any): string[] {
  return body.items.map((item: any) => item.metadata.name);
}

describe('resourceVersion of a list', () => {
  it.each(['', 'resourceVersion=0', 'resourceVersion=1&resourceVersionMatch=NotOlderThan'])(
    '%s is answered with the newest state',
    async (query) => {
      await using own = await TestServer.start();
      own.api.create('configmaps', configMap('a'));
      own.api.create('configmaps', configMap('b'));
      const { body } = await own.call(`${CONFIGMAPS}?${query}`);
      expect(names(body)).toEqual(['a', 'b']);
    },
  );

  it('with a limit and no match means exactly that one, as of old', async () => {
    await using own = await TestServer.start();
    const { metadata } = own.api.create<any>('configmaps', configMap('a'));
    own.api.create('configmaps', configMap('b'));
    const { body } = await own.call(
      `${CONFIGMAPS}?limit=5&resourceVersion=${metadata.resourceVersion}`,
    );
    expect(names(body)).toEqual(['a']);
    expect(body.metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  it.each(['', '&resourceVersionMatch=NotOlderThan', '&resourceVersionMatch=Exact'])(
    'in the future is answered with 504 and a time to come again%s',
    async (match) => {
      const { status, body, headers } = await server().call(
        `${CONFIGMAPS}?resourceVersion=99999999${match}`,
      );
      expect(status).toBe(504);
      expect(body.message).toMatch(/^Timeout: Too large resource version: 99999999, current: \d+$/);
      expect(body.details).toEqual({
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      });
      expect(headers['retry-after']).toBe('1');
    },
  );

  it('that is no number is refused', async () => {
    const { status, body } = await server().call(`${CONFIGMAPS}?resourceVersion=abc`);
    expect([status, body.message]).toEqual([
      400,
      'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    ]);
  });
});

describe('what a list may not be asked', () => {
  it.each([
    [
      'resourceVersionMatch=Exact',
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersionMatch=Exact&resourceVersion=0',
      'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'resourceVersionMatch=NotOlderThan&resourceVersion=1&continue=x',
      'resourceVersionMatch is forbidden when continue is provided',
    ],
  ])('%s', async (query, why) => {
    const { status, body } = await server().call(`${CONFIGMAPS}?${query}`);
    expect([status, body.message]).toEqual([
      422,
      `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ${why}`,
    ]);
  });

  it('all that is wrong is told at once', async () => {
    const { body } = await server().call(
      `${CONFIGMAPS}?resourceVersionMatch=Newest&sendInitialEvents=false`,
    );
    expect(body.details.causes.map(({ message }: any) => message)).toEqual([
      'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
      'Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""',
      'Forbidden: sendInitialEvents is forbidden for list',
    ]);
  });
});

describe('a continue token', () => {
  const token = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url');

  it.each([
    ['zzz', "invalid character 'Ï' looking for beginning of value"],
    ['a*b', 'illegal base64 data at input byte 1'],
    ['e30', 'server does not recognize this encoded version '],
    [token({ v: 'v2', rv: 1, start: '/a' }), 'server does not recognize this encoded version v2'],
    [
      token({ v: 'meta.k8s.io/v1', rv: 0, start: '/a' }),
      'incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    ],
    [
      token({ v: 'meta.k8s.io/v1', rv: 1, start: '' }),
      'encoded start key empty (version meta.k8s.io/v1)',
    ],
    [token({ v: 'meta.k8s.io/v1', rv: 1, start: '/../x' }), '/../x'],
  ])('%s is refused in words that tell why', async (given, why) => {
    const { status, body } = await server().call(`${CONFIGMAPS}?limit=1&continue=${given}`);
    expect([status, body.message]).toEqual([
      400,
      `invalid continue token: continue key is not valid: ${why}`,
    ]);
  });

  it('goes with no other resourceVersion', async () => {
    const given = token({ v: 'meta.k8s.io/v1', rv: 1, start: '/a' });
    const { status, body } = await server().call(
      `${CONFIGMAPS}?limit=1&continue=${given}&resourceVersion=3`,
    );
    expect([status, body.message]).toEqual([
      400,
      'specifying resource version is not allowed when using continue',
    ]);
  });

  it('holds its state however much is written meanwhile', async () => {
    await using own = await TestServer.start();
    for (const name of ['a', 'b', 'c']) own.api.create('configmaps', configMap(name));
    const first = await own.call(`${CONFIGMAPS}?limit=1`);
    for (let n = 0; n < 10_100; n++) {
      const patch = { data: { n: String(n) } };
      const key = { namespace: 'default', name: 'a' };
      own.api.patch('configmaps', key, patch, { type: 'merge' });
    }
    own.api.delete('configmaps', { namespace: 'default', name: 'c' });
    const rest = await own.call(`${CONFIGMAPS}?continue=${first.body.metadata.continue}`);
    expect(names(rest.body)).toEqual(['b', 'c']);
  });

  it('counts what remains, but not for selected objects', async () => {
    await using own = await TestServer.start();
    for (const name of ['a', 'b', 'c', 'd'])
      own.api.create('configmaps', configMap(name, { x: '1' }));
    const all = await own.call(`${CONFIGMAPS}?limit=1`);
    expect(all.body.metadata.remainingItemCount).toBe(3);
    const second = await own.call(`${CONFIGMAPS}?limit=1&continue=${all.body.metadata.continue}`);
    expect(second.body.metadata.remainingItemCount).toBe(2);
    const selected = await own.call(`${CONFIGMAPS}?limit=1&labelSelector=x%3D1`);
    expect(selected.body.metadata.continue).toBeTruthy();
    expect(selected.body.metadata).not.toHaveProperty('remainingItemCount');
  });

  it('of an inconsistent list goes on page by page from now', async () => {
    await using own = await TestServer.start();
    for (const name of ['a', 'b', 'c', 'd']) own.api.create('configmaps', configMap(name));
    const first = await own.call(`${CONFIGMAPS}?limit=1`);
    own.api.create('configmaps', configMap('bb'));
    own.server.compact();
    const expired = await own.call(
      `${CONFIGMAPS}?limit=1&continue=${first.body.metadata.continue}`,
    );
    expect([expired.status, expired.body.reason]).toEqual([410, 'Expired']);
    const found: string[] = [];
    let next = expired.body.metadata.continue;
    while (next) {
      const { body } = await own.call(`${CONFIGMAPS}?limit=1&continue=${next}`);
      found.push(...names(body));
      next = body.metadata.continue;
    }
    expect(found).toEqual(['b', 'bb', 'c', 'd']);
  });
});

describe('Tables and metadata', () => {
  const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

  it.each(['None', 'Metadata', 'Object'])('rows carry %s', async (includeObject) => {
    await using own = await TestServer.start();
    own.api.create('configmaps', { ...configMap('a'), data: { k: 'ä\u2028' } });
    const { body } = await own.call(`${CONFIGMAPS}?includeObject=${includeObject}`, {
      accept: TABLE,
    });
    const object = (await own.call(`${CONFIGMAPS}/a`)).body;
    const expected = {
      None: null,
      Metadata: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: object.metadata,
      },
      Object: object,
    };
    expect(body.rows[0].object).toEqual(expected[includeObject as keyof typeof expected]);
  });

  it('are chunked like other lists', async () => {
    const { body } = await server().call('/api/v1/namespaces?limit=2', { accept: TABLE });
    expect(body.rows).toHaveLength(2);
    expect(body.metadata.remainingItemCount).toBe(2);
    const rest = await server().call(`/api/v1/namespaces?continue=${body.metadata.continue}`, {
      accept: TABLE,
    });
    expect(rest.body.rows).toHaveLength(2);
  });
});

it('a collection is deleted by selectors', async () => {
  await using own = await TestServer.start();
  for (const name of ['a', 'b', 'c']) {
    own.api.create('configmaps', configMap(name, { x: name === 'b' ? '2' : '1' }));
  }
  const deleted = await own.call(`${CONFIGMAPS}?labelSelector=x%3D1`, { method: 'DELETE' });
  expect([deleted.body.kind, names(deleted.body)]).toEqual(['ConfigMapList', ['a', 'c']]);
  expect(names((await own.call(CONFIGMAPS)).body)).toEqual(['b']);
  await own.call(`${CONFIGMAPS}?fieldSelector=metadata.name%3Db`, { method: 'DELETE' });
  expect(names((await own.call(CONFIGMAPS)).body)).toEqual([]);
});
