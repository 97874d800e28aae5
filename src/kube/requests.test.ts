import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from './connect.ts';
import type { ConnectOptions, Kube } from './types.ts';

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Answer = (response: ServerResponse) => void;

/** A server that gives one answer after the other, the last one for ever. */
async function serving(answers: readonly Answer[], options: ConnectOptions = {}) {
  const asked: Asked[] = [];
  const http = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const { method = '', headers } = request;
      asked.push({ method, url: new URL(request.url ?? '', 'http://x'), headers, body });
      answers[Math.min(asked.length, answers.length) - 1]?.(response);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), 'requests-'));
  writeFileSync(join(folder, 'config'), '{}');
  const kube = await connect({
    kubeconfig: join(folder, 'config'),
    server,
    token: 't',
    ...options,
  });
  onTestFinished(async () => {
    await kube[Symbol.asyncDispose]();
    http.closeAllConnections();
    http.close();
    rmSync(folder, { recursive: true });
  });
  return { kube, asked, http };
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => response.writeHead(status, headers).end(JSON.stringify(body));
}

const status = (code: number, message: string, more: object = {}) =>
  json(code, { kind: 'Status', status: 'Failure', message, code, ...more });

const pod = { resource: 'pods', namespace: 'shop', name: 'web' } as const;
const read = (kube: Kube) => kube.get<{ metadata: { name: string } }>(pod);

test('asks for the path of each kind, with the user’s credentials', async () => {
  const { kube, asked } = await serving([json(200, { metadata: { name: 'web' } })]);
  expect(await read(kube)).toEqual({ metadata: { name: 'web' } });
  await kube.get({ resource: 'endpointslices', namespace: 'shop', name: 'a/b' });
  await kube.get({ resource: 'nodes', name: 'n1' });
  expect(asked.map(({ url }) => url.pathname)).toEqual([
    '/api/v1/namespaces/shop/pods/web',
    '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices/a%2Fb',
    '/api/v1/nodes/n1',
  ]);
  expect(asked[0]?.headers.authorization).toBe('Bearer t');
});

test('a missing object reads as undefined, and is an error to change', async () => {
  const { kube } = await serving([status(404, 'pods "web" not found')]);
  expect(await read(kube)).toBeUndefined();
  await expect(kube.delete(pod)).rejects.toMatchObject({
    code: 'not-found',
    message: 'pods "web" not found',
    status: 404,
  });
});

test('writes as field manager pitstop, with dry-run and preconditions', async () => {
  const { kube, asked } = await serving([json(200, {})]);
  await kube.patch(pod, { metadata: { uid: '1' } }, { type: 'merge', dryRun: true });
  await kube.patch(pod, [], { type: 'json', subresource: 'status' });
  await kube.create('pods', { metadata: { namespace: 'shop', name: 'x' } });
  await kube.delete(pod, { uid: '7' });
  expect(
    asked.map(({ method, url, headers, body }) => [
      method,
      url.pathname + url.search,
      headers['content-type'],
      body,
    ]),
  ).toEqual([
    [
      'PATCH',
      '/api/v1/namespaces/shop/pods/web?fieldManager=pitstop&dryRun=All',
      'application/merge-patch+json',
      '{"metadata":{"uid":"1"}}',
    ],
    [
      'PATCH',
      '/api/v1/namespaces/shop/pods/web/status?fieldManager=pitstop',
      'application/json-patch+json',
      '[]',
    ],
    [
      'POST',
      '/api/v1/namespaces/shop/pods?fieldManager=pitstop',
      'application/json',
      '{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"shop","name":"x"}}',
    ],
    [
      'DELETE',
      '/api/v1/namespaces/shop/pods/web',
      'application/json',
      '{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"7"}}',
    ],
  ]);
});

test('pages through a list, and starts over when its snapshot has expired', async () => {
  const page = (names: readonly string[], next?: string) =>
    json(200, {
      metadata: { resourceVersion: '5', continue: next },
      items: names.map((name) => ({ metadata: { name } })),
    });
  const { kube, asked } = await serving([
    page(['a'], 'token'),
    status(410, 'expired'),
    page(['a', 'b'], 'token2'),
    page(['c']),
  ]);
  const pods = await kube.list<{ kind: string; metadata: { name: string } }>('pods', {
    labelSelector: 'app=x',
  });
  expect(pods.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
    'Pod/a',
    'Pod/b',
    'Pod/c',
  ]);
  expect(asked.map(({ url }) => url.searchParams.get('continue'))).toEqual([
    null,
    'token',
    null,
    'token2',
  ]);
});

/** Half of an answer, and then nothing more. */
function brokenOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 100 });
  response.write('{"metadata":', () => response.destroy());
}

test.each([
  ['a read after 429', 'GET', status(429, 'slow down'), 2],
  ['a read after 503', 'GET', status(503, 'starting'), 2],
  ['a read after a dropped connection', 'GET', (r: ServerResponse) => r.destroy(), 2],
  ['a read that is not answered', 'GET', () => {}, 2],
  ['a read whose answer breaks off', 'GET', brokenOff, 2],
  ['a dry run after a dropped connection', 'dry run', (r: ServerResponse) => r.destroy(), 2],
  ['a write after 429', 'PATCH', status(429, 'slow down'), 2],
  ['a write after 503 with Retry-After', 'PATCH', json(503, {}, { 'retry-after': '0' }), 2],
  ['no write after 503', 'PATCH', status(503, 'starting'), 1],
  ['no write that is not answered', 'PATCH', () => {}, 1],
  ['no write after a dropped connection', 'PATCH', (r: ServerResponse) => r.destroy(), 1],
  ['nothing after a conflict', 'PATCH', status(409, 'conflict'), 1],
])('repeats %s', async (_, method, failure, times) => {
  const { kube, asked } = await serving([failure, json(200, {})], { requestTimeoutMs: 1_000 });
  const dryRun = method === 'dry run';
  const call = method === 'GET' ? read(kube) : kube.patch(pod, {}, { type: 'merge', dryRun });
  const outcome = await call.then(
    () => 'done',
    () => 'failed',
  );
  expect(asked).toHaveLength(times);
  expect(outcome).toBe(times === 2 ? 'done' : 'failed');
});

test('waits as long as the server asks', async () => {
  const { kube } = await serving([json(429, {}, { 'retry-after': '1' }), json(200, {})]);
  const startedAt = performance.now();
  await read(kube);
  expect(performance.now() - startedAt).toBeGreaterThan(950);
});

test('gives up after a few times, with the server’s words', async () => {
  const { kube, asked } = await serving([status(500, 'etcdserver: no leader')]);
  await expect(read(kube)).rejects.toMatchObject({
    code: 'server-error',
    message: 'the server failed to get pods (HTTP 500): etcdserver: no leader',
  });
  expect(asked).toHaveLength(5);
});

test.each([
  [401, 'unauthorized', 'does not accept these credentials'],
  [403, 'forbidden', 'pods "web" is forbidden'],
  [409, 'conflict', 'pods "web" is forbidden'],
  [422, 'invalid', 'pods "web" is forbidden'],
])('HTTP %i is %s', async (code, name, message) => {
  const { kube } = await serving([status(code, 'pods "web" is forbidden')]);
  await expect(kube.patch(pod, {}, { type: 'merge' })).rejects.toMatchObject({
    code: name,
    status: code,
    message: expect.stringContaining(message),
  });
});

test('a 403 names the verb that is missing', async () => {
  const { kube } = await serving([status(403, 'no')]);
  await expect(kube.patch(pod, {}, { type: 'merge' })).rejects.toMatchObject({
    hint: 'your user needs the verb patch on pods: kubectl auth can-i patch pods -n shop',
  });
});

test('a refused connection asks whether the cluster runs', async () => {
  const { kube, http } = await serving([]);
  await new Promise((resolve) => http.close(resolve));
  await expect(read(kube)).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('is the cluster running?'),
  });
});

test('a silent server is a timeout after one more try, an abort an abort', async () => {
  const { kube, asked } = await serving([() => {}], { requestTimeoutMs: 100 });
  await expect(read(kube)).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('did not answer in 0.1 s'),
  });
  expect(asked.length).toBeLessThanOrEqual(2);
  const signal = AbortSignal.timeout(20);
  await expect(kube.get(pod, { signal })).rejects.toMatchObject({ code: 'aborted' });
});

test('a server says its version, what it serves, and by its answers what time it is', async () => {
  const { kube, asked } = await serving([
    json(
      200,
      { major: '1', minor: '32+', gitVersion: 'v1.32.4-eks-1' },
      { Date: new Date(Date.now() + 3_600_000).toUTCString() },
    ),
    json(200, { resources: [{ name: 'pods' }, { name: 'pods/exec' }] }),
    status(404, 'not found'),
  ]);
  expect(kube.clockSkewMs).toBeUndefined();
  expect(await kube.version()).toEqual({ major: 1, minor: 32, gitVersion: 'v1.32.4-eks-1' });
  expect(Math.round((kube.clockSkewMs ?? 0) / 60_000)).toBe(60);
  expect([...((await kube.discover('v1')) ?? [])]).toEqual(['pods', 'pods/exec']);
  expect(await kube.discover('discovery.k8s.io/v1')).toBeUndefined();
  expect(asked.map(({ url }) => url.pathname)).toEqual([
    '/version',
    '/api/v1',
    '/apis/discovery.k8s.io/v1',
  ]);
});

test('a deletion names the object it is meant for, and can be tried', async () => {
  const { kube, asked } = await serving([json(200, {})]);
  await kube.delete(pod, { uid: 'u', resourceVersion: '7', dryRun: true });
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'u', resourceVersion: '7' },
  });
  expect(asked[0]?.url.search).toBe('?dryRun=All');
});

test('finds an object of a kind it knows nothing of by what the server serves', async () => {
  const { kube, asked } = await serving([
    json(200, {
      resources: [
        { name: 'clonesets/scale', kind: 'CloneSet', namespaced: true },
        { name: 'clonesets', kind: 'CloneSet', namespaced: true },
      ],
    }),
    json(200, { metadata: { uid: 'u' } }),
    status(404, 'the server could not find the requested resource'),
  ]);
  const cloneSet = {
    apiVersion: 'apps.kruise.io/v1alpha1',
    kind: 'CloneSet',
    namespace: 'shop',
    name: 'web',
  };
  expect(await kube.getByKind(cloneSet)).toEqual({ metadata: { uid: 'u' } });
  expect(await kube.getByKind(cloneSet)).toBeUndefined();
  expect(asked.map(({ url }) => url.pathname)).toEqual([
    '/apis/apps.kruise.io/v1alpha1',
    '/apis/apps.kruise.io/v1alpha1/namespaces/shop/clonesets/web',
    '/apis/apps.kruise.io/v1alpha1',
  ]);
});

test('asks again when a question fails, and never repeats a write of which nobody knows', async () => {
  const failure = status(500, 'etcd is having a moment');
  const { kube, asked } = await serving([failure, json(201, { status: { allowed: true } })]);
  expect(await kube.create('selfsubjectaccessreviews', {})).toEqual({ status: { allowed: true } });
  expect(asked).toHaveLength(2);
  const other = await serving([failure]);
  const made = other.kube.create('configmaps', { metadata: { name: 'c', namespace: 'shop' } });
  await expect(made).rejects.toMatchObject({ code: 'server-error' });
  expect(other.asked).toHaveLength(1);
});
