import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { useApiServer } from '../../../../test/support/api-server.ts';

// Pods' addresses are this machine's own here.
const server = useApiServer({ validationRules: { allowLoopbackEndpoints: true } });
const seen: IncomingMessage[] = [];
const held = new AsyncDisposableStack();
let port = 0;
let tlsPort = 0;

beforeAll(async () => {
  const backend = held.adopt(createServer(answer), (it) => void it.close());
  const sockets = new WebSocketServer({ server: backend });
  sockets.on('connection', (socket) =>
    socket.on('message', (data: Buffer) => socket.send(`echo ${data.toString()}`)),
  );
  backend.listen(0, '127.0.0.1');
  const { cert, key } = server().certificates;
  const tls = held.adopt(createTlsServer({ cert, key }, answer), (it) => void it.close());
  tls.listen(0, '127.0.0.1');
  await Promise.all([once(backend, 'listening'), once(tls, 'listening')]);
  port = (backend.address() as AddressInfo).port;
  tlsPort = (tls.address() as AddressInfo).port;
  const { api } = server();
  const spec = { containers: [{ name: 'web', image: 'web', ports: [{ containerPort: port }] }] };
  const metadata = { namespace: 'default', name: 'web' };
  const pod = api.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  api.update(
    'pods',
    { ...pod, status: { podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] } },
    { subresource: 'status' },
  );
  api.create('services', {
    metadata,
    spec: {
      ports: [
        { name: 'http', port: 80 },
        { name: 'tls', port: 443 },
        { name: 'none', port: 81 },
      ],
    },
  });
  api.create('endpointslices', {
    metadata: {
      namespace: 'default',
      name: 'web-1',
      labels: { 'kubernetes.io/service-name': 'web' },
    },
    addressType: 'IPv4',
    ports: [
      { name: 'http', port },
      { name: 'tls', port: tlsPort },
    ],
    endpoints: [
      { addresses: ['127.0.0.1'], targetRef: { kind: 'Pod', namespace: 'default', name: 'web' } },
      { addresses: ['127.0.0.9'], conditions: { ready: false } },
      { addresses: ['127.0.0.10'] },
    ],
  });
});
afterAll(() => held.disposeAsync());

const answer: RequestListener = (request, response) => {
  seen.push(request);
  const page = '<a href="/next">next</a>';
  switch (new URL(request.url ?? '', 'http://x').pathname) {
    case '/page':
      return void response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
    case '/gzip':
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
      return void response.end(gzipSync(page));
    case '/moved':
      return void response.writeHead(302, { location: '/there?x=1' }).end();
    case '/cut':
      response.writeHead(200, { 'content-length': 100 });
      return void response.write('some', () => request.socket.destroy());
    case '/slow':
      response.write('first');
      return void setTimeout(() => response.end('last'), 200);
    case '/refused':
      return void response.writeHead(418, { 'access-control-allow-origin': '*' }).end('no');
    default:
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        response.end(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
      })();
  }
};

const pods = '/api/v1/namespaces/default/pods';
const services = '/api/v1/namespaces/default/services';

describe('pods/proxy and services/proxy', () => {
  it.each(['DELETE', 'GET', 'OPTIONS', 'PATCH', 'POST', 'PUT'])(
    'passes on a %s',
    async (method) => {
      const body = ['PATCH', 'POST', 'PUT'].includes(method) ? 'the body' : undefined;
      for (const at of [`${pods}/web`, `${pods}/web:${port}`, `${services}/web:http`]) {
        const { status, text } = await server().call(`${at}/proxy/a/b%20c?d=e`, {
          method,
          ...(body && { body, contentType: 'text/plain' }),
        });
        expect({ status, text }).toEqual({
          status: 200,
          text: `${method} /a/b%20c?d=e ${body ?? ''}`,
        });
      }
    },
  );

  it('tells a Pod who asked through whom, and nothing of the token', async () => {
    await server().call(`${pods}/web/proxy/echo`, { headers: { 'x-mine': '1' } });
    const { headers } = seen.at(-1)!;
    expect(headers).toMatchObject({
      host: `127.0.0.1:${server().port}`,
      'x-mine': '1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-uri': `${pods}/web/proxy/echo`,
    });
    expect(headers.authorization).toBeUndefined();
  });

  it('sends a browser to the path with a slash', async () => {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers } = await server().call(`${pods}/web/proxy?a=b`, { method });
      expect({ status, location: headers.location }).toEqual({
        status: 301,
        location: `${pods}/web/proxy/?a=b`,
      });
    }
    expect((await server().call(`${pods}/web/proxy`, { method: 'POST' })).text).toBe('POST / ');
  });

  it('leads links and redirects through itself', async () => {
    const link = (at: string) => `<a href="${at}/proxy/next">next</a>`;
    expect((await server().call(`${pods}/web/proxy/page`)).text).toBe(link(`${pods}/web`));
    expect((await server().call(`${services}/web:http/proxy/page`)).text).toBe(
      link(`${services}/web:http`),
    );
    const response = await server().open(`${pods}/web/proxy/gzip`);
    const chunks = (await response.toArray()) as Buffer[];
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(link(`${pods}/web`));
    const { status, headers } = await server().call(`${pods}/web/proxy/moved`);
    expect({ status, location: headers.location }).toEqual({
      status: 302,
      location: `${pods}/web/proxy/there?x=1`,
    });
  });

  it('speaks TLS to whoever asks for it, whatever the certificate', async () => {
    for (const at of [`${pods}/https:web:${tlsPort}`, `${services}/https:web:tls`])
      expect((await server().call(`${at}/proxy/echo`)).text).toBe('GET /echo ');
    expect((await server().call(`${services}/https:web:443/proxy/echo`)).status).toBe(200);
  });

  it('passes on the status, and an answer piece by piece', async () => {
    const refused = await server().call(`${pods}/web/proxy/refused`);
    expect(refused).toMatchObject({ status: 418, text: 'no' });
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
    const response = await server().open(`${pods}/web/proxy/slow`);
    const [first] = (await once(response, 'data')) as [Buffer];
    expect(first.toString()).toBe('first');
  });

  it('cuts the answer where the Pod cut it', async () => {
    await expect(server().call(`${pods}/web/proxy/cut`)).rejects.toThrow('aborted');
  });

  it('outlives answers that are none', async () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    // In one piece: where the body is broken is found before anybody has seen the head.
    await using broken = await saying(`${head}no size\r\n`);
    await expect(server().call(`${pods}/web:${broken.port}/proxy/`)).rejects.toThrow(
      /hang up|aborted/,
    );
    await using garbage = await saying('\0\x01\x02\r\n\r\n');
    const { body } = await server().call(`${pods}/web:${garbage.port}/proxy/`);
    expect(body).toMatchObject({ code: 503, reason: 'ServiceUnavailable' });
    await using other = await saying(
      'HTTP/1.1 101 Other\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    );
    expect((await server().call(`${pods}/web:${other.port}/proxy/`)).body).toMatchObject({
      code: 500,
      message: 'backend tried to switch protocol "x" when "" was requested',
    });
  });

  it('passes on an upgrade', async () => {
    const { port: at, ca, token } = server();
    const socket = new WebSocket(`wss://127.0.0.1:${at}${services}/web:80/proxy/ws?a=b`, {
      ca,
      headers: { authorization: `Bearer ${token}` },
    });
    await once(socket, 'open');
    socket.send('hello');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(data.toString()).toBe('echo hello');
    expect(seen.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    socket.close();
    await once(socket, 'close');
  });

  it.each([
    [`${pods}/none/proxy/`, 404, 'pods "none" not found'],
    [`${pods}/a:b:c:d/proxy/`, 400, 'invalid pod request "a:b:c:d"'],
    [`${pods}/ftp:web:80/proxy/`, 400, 'invalid pod request "ftp:web:80"'],
    [
      `${pods}/web:1/proxy/`,
      503,
      'error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused',
    ],
    [
      `${pods}/web:http/proxy/`,
      503,
      'error trying to reach service: dial tcp: lookup tcp/http: unknown port',
    ],
    [`${services}/web:8/proxy/`, 503, 'no service port 8 found for service "web"'],
    [`${services}/web:none/proxy/`, 503, 'no endpoints available for service "web:none"'],
    [`${services}/web/proxy/`, 503, 'no endpoints available for service "web"'],
    [`${services}/none/proxy/`, 404, 'services "none" not found'],
  ])('answers %s with %i', async (path, status, message) => {
    expect((await server().call(path)).body).toMatchObject({
      kind: 'Status',
      code: status,
      message,
    });
  });

  it('refuses addresses that no Pod can have', async () => {
    const { api } = server();
    const metadata = { namespace: 'default', name: 'odd' };
    const spec = { containers: [{ name: 'web', image: 'web' }] };
    const pod = api.create('pods', { metadata, spec });
    const status = { podIP: '169.254.169.254', podIPs: [{ ip: '169.254.169.254' }] };
    api.update('pods', { ...pod, status }, { subresource: 'status' });
    expect((await server().call(`${pods}/odd/proxy/`)).body).toMatchObject({
      code: 400,
      message: 'address not allowed',
    });
  });
});

/** A Pod's port that says this to whatever it is asked, and nothing more. */
async function saying(bytes: string) {
  const raw = createTcpServer(
    (socket) =>
      void socket
        .on('error', () => {})
        .resume()
        .end(bytes),
  );
  raw.listen(0, '127.0.0.1');
  await once(raw, 'listening');
  const { port } = raw.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: () => raw[Symbol.asyncDispose]() };
}

it('knows of nothing below other subresources', async () => {
  expect((await server().call(`${pods}/web/status/more`)).status).toBe(404);
});
