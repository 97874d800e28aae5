import fc from 'fast-check';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from './connect.ts';
import type { KubeObject, WatchEvent } from './types.ts';
import { difference } from './watch.ts';

interface Step {
  /** Object names and their versions in the list that is asked for next. */
  readonly list?: Readonly<Record<string, string>>;
  /** Events of the watch that is asked for next. */
  readonly events?: readonly unknown[];
  readonly status?: number;
  readonly ending?: 'end' | 'drop' | 'hold';
}

const object = (name: string, resourceVersion: string, uid = name) => ({
  metadata: { name, namespace: 'shop', uid, resourceVersion },
});
const change = (type: string, name: string, version: string) => ({
  type,
  object: object(name, version),
});

async function serving(steps: readonly Step[]) {
  const queries: URLSearchParams[] = [];
  const left = [...steps];
  const http = createServer((request, response) => {
    queries.push(new URL(request.url ?? '', 'http://x').searchParams);
    answer(response, left.shift() ?? { events: [], ending: 'hold' });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  writeFileSync(join(folder, 'config'), '{}');
  const kube = await connect({
    kubeconfig: join(folder, 'config'),
    server: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
  });
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    http.closeAllConnections();
    http.close();
    rmSync(folder, { recursive: true });
  });
  return { kube, queries };
}

function answer(response: ServerResponse, step: Step): void {
  if (step.status) {
    response.writeHead(step.status).end(JSON.stringify({ message: 'no', code: step.status }));
  } else if (step.list) {
    const items = Object.entries(step.list).map(([name, version]) => object(name, version));
    response.end(JSON.stringify({ metadata: { resourceVersion: '10' }, items }));
  } else {
    for (const event of step.events ?? []) response.write(`${JSON.stringify(event)}\n`);
    if (step.ending === 'drop') setTimeout(() => response.destroy(), 20);
    else if (step.ending === 'hold') response.flushHeaders();
    else response.end();
  }
}

/** What a watch says until `count` things were said, as `TYPE name@version`. */
async function said(steps: readonly Step[], count: number) {
  const { kube, queries } = await serving(steps);
  const ended = new AbortController();
  const lines: string[] = [];
  for await (const event of kube.watch<KubeObject>('pods', {
    namespace: 'shop',
    signal: ended.signal,
  })) {
    lines.push(
      event.type === 'SYNCED'
        ? 'SYNCED'
        : `${event.type} ${event.object.metadata?.name}@${event.object.metadata?.resourceVersion}`,
    );
    if (lines.length === count) ended.abort();
  }
  return { lines, queries };
}

test('lists, says so, then tells every change', async () => {
  const { lines, queries } = await said(
    [
      { list: { a: '1', b: '2' } },
      { events: [change('MODIFIED', 'a', '11'), change('DELETED', 'b', '12')], ending: 'hold' },
    ],
    5,
  );
  expect(lines).toEqual(['ADDED a@1', 'ADDED b@2', 'SYNCED', 'MODIFIED a@11', 'DELETED b@12']);
  expect(Object.fromEntries(queries[1] ?? [])).toMatchObject({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: '10',
  });
});

test.each(['end', 'drop'] as const)(
  'goes on from the last version when the connection %ss',
  async (ending) => {
    const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '42' } } };
    const { lines, queries } = await said(
      [
        { list: {} },
        { events: [change('ADDED', 'a', '11'), bookmark], ending },
        { status: 503 },
        { events: [change('MODIFIED', 'a', '43')], ending: 'hold' },
      ],
      3,
    );
    expect(lines).toEqual(['SYNCED', 'ADDED a@11', 'MODIFIED a@43']);
    expect(queries.at(-1)?.get('resourceVersion')).toBe('42');
  },
);

test.each([
  ['as an event', { events: [{ type: 'ERROR', object: { code: 410, message: 'too old' } }] }],
  ['as an answer', { status: 410 }],
])('lists again after 410 %s, and tells what vanished meanwhile', async (_, gone) => {
  const { lines } = await said(
    [{ list: { a: '1', b: '2' } }, gone, { list: { b: '7', c: '8' } }],
    7,
  );
  expect(lines).toEqual([
    'ADDED a@1',
    'ADDED b@2',
    'SYNCED',
    'DELETED a@1',
    'MODIFIED b@7',
    'ADDED c@8',
    'SYNCED',
  ]);
});

test.each([401, 403, 404, 400])('ends with a final refusal: %i', async (status) => {
  await expect(said([{ list: {} }, { status }], 5)).rejects.toMatchObject({ status });
});

test('a relist tells exactly the way from what was known to what is', () => {
  const world = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.record({ version: fc.nat(3), uid: fc.nat(2) }),
  );
  const objects = (shape: Record<string, { version: number; uid: number }>) =>
    Object.entries(shape).map(([name, { version, uid }]) =>
      object(name, String(version), `${name}${uid}`),
    );
  fc.assert(
    fc.property(world, world, (before, now) => {
      const known = new Map(objects(before).map((each) => [`shop/${each.metadata.name}`, each]));
      const followed = new Map(known);
      for (const event of difference(known, objects(now))) follow(followed, event);
      expect(followed).toEqual(known);
      expect(new Set(followed.values())).toEqual(new Set(objects(now)));
    }),
  );
});

function follow<T extends KubeObject>(world: Map<string, T>, event: WatchEvent<T>): void {
  if (event.type === 'SYNCED') return;
  const key = `shop/${event.object.metadata?.name}`;
  const isThere = world.has(key);
  // No object is added twice, none changed or deleted that is not there.
  expect(event.type === 'ADDED').toBe(!isThere);
  if (event.type === 'DELETED') world.delete(key);
  else world.set(key, event.object);
}
