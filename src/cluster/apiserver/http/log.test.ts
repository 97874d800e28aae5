import { once } from 'node:events';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { useApiServer } from '../../../../test/support/api-server.ts';
import type { LogOptions, NodeAgent } from '../../api.ts';

/** What the API server asked the kubelet for, last. */
let asked: LogOptions | undefined;
const unused = () => Promise.reject(new Error('only logs are read here'));
const kubelet: NodeAgent = {
  exec: unused,
  attach: unused,
  portForward: unused,
  logs: (_pod, options) => {
    asked = options;
    return Promise.resolve(Readable.from(['one\n', 'two\n']));
  },
};
const server = useApiServer({ agent: () => kubelet, now: () => new Date('2026-11-23T12:00:00Z') });
const PODS = '/api/v1/namespaces/default/pods';
const log = (pod: string, query = '') => server().call(`${PODS}/${pod}/log?${query}`);

beforeAll(async () => {
  const container = (name: string) => ({ name, image: 'x' });
  const specs = {
    single: { containers: [container('web')] },
    pair: { containers: [container('web'), container('side')], initContainers: [container('set')] },
    unbound: { containers: [container('web')] },
  };
  for (const [name, spec] of Object.entries(specs)) {
    await server().call(PODS, { method: 'POST', body: { metadata: { name }, spec } });
    if (name === 'unbound') continue;
    const body = { metadata: { name }, target: { kind: 'Node', name: 'node1' } };
    await server().call(`${PODS}/${name}/binding`, { method: 'POST', body });
  }
});

it('passes the text on as it is', async () => {
  const { status, headers, text } = await log('single');
  expect([status, headers['content-type'], text]).toEqual([200, 'text/plain', 'one\ntwo\n']);
  expect(asked).toEqual({ container: 'web', follow: false, previous: false, timestamps: false });
});

it('asks for what the query says', async () => {
  await log('single', 'follow=true&previous=1&timestamps=true&tailLines=0&limitBytes=9');
  const flags = { follow: true, previous: true, timestamps: true };
  expect(asked).toEqual({ container: 'web', ...flags, tailLines: 0, limitBytes: 9 });
  await log('single', 'sinceTime=2026-11-23T11:59:00.5Z');
  expect(asked?.sinceTime).toBe('2026-11-23T11:59:00.5Z');
  await log('pair', 'container=set&sinceSeconds=5');
  expect(asked).toMatchObject({ container: 'set', sinceSeconds: 5 });
});

it.each([
  [
    'pair',
    '',
    'a container name must be specified for pod pair, choose one of: [web side] or one of the init containers: [set]',
  ],
  ['pair', 'container=nope', 'container nope is not valid for pod pair'],
  ['unbound', '', 'pod unbound does not have a host assigned'],
])('refuses the log of %s?%s', async (pod, query, message) => {
  const { status, body } = await log(pod, query);
  expect([status, body]).toEqual([400, expect.objectContaining({ reason: 'BadRequest', message })]);
});

it('refuses numbers that mean nothing', async () => {
  const { status, body } = await log('single', 'tailLines=-1&limitBytes=0');
  expect([status, body.reason]).toEqual([422, 'Invalid']);
  expect(body.message).toContain(
    'tailLines: Invalid value: -1: must be greater than or equal to 0',
  );
});

it('knows no log of a Pod that is not there', async () => {
  expect((await log('nope')).body.message).toBe('pods "nope" not found');
});

describe('over a WebSocket', () => {
  const open = (protocols: string[], pod = 'single') => {
    const { port, ca, token } = server();
    const headers = { authorization: `Bearer ${token}` };
    return new WebSocket(`wss://127.0.0.1:${port}${PODS}/${pod}/log`, protocols, { ca, headers });
  };

  it.each([
    { protocols: [], protocol: '', decode: (text: string) => text },
    { protocols: ['binary.k8s.io'], protocol: 'binary.k8s.io', decode: (text: string) => text },
    {
      protocols: ['unknown', 'base64.binary.k8s.io'],
      protocol: 'base64.binary.k8s.io',
      decode: (text: string) => Buffer.from(text, 'base64').toString(),
    },
  ])('sends it with $protocols', async ({ protocols, protocol, decode }) => {
    const socket = open(protocols);
    const messages: { text: string; isBinary: boolean }[] = [];
    socket.on('message', (data: Buffer, isBinary) =>
      messages.push({ text: decode(data.toString()), isBinary }),
    );
    const [code] = (await once(socket, 'close')) as [number];
    const isBinary = !protocol.startsWith('base64');
    expect({ code, protocol: socket.protocol, messages }).toEqual({
      code: 1000,
      protocol,
      messages: ['', 'one\n', 'two\n'].map((text) => ({ text, isBinary })),
    });
  });

  it('refuses protocols that it does not speak, and what makes no sense', async () => {
    const refused = async (socket: WebSocket) => {
      const [error] = (await once(socket, 'error')) as [Error];
      return error.message;
    };
    expect(await refused(open(['v4.channel.k8s.io']))).toBe('Unexpected server response: 403');
    expect(await refused(open([], 'pair'))).toBe('Unexpected server response: 400');
    expect(await refused(open([], 'none'))).toBe('Unexpected server response: 404');
  });
});

it('answers as ever when nothing can be upgraded', async () => {
  const headers = { connection: 'Upgrade', upgrade: 'h2c' };
  const { status, text } = await server().call(`${PODS}/single/log`, { headers });
  expect([status, text]).toEqual([200, 'one\ntwo\n']);
  const webSocket = { connection: 'Upgrade', upgrade: 'websocket' };
  expect((await server().call(PODS, { headers: webSocket })).body.kind).toBe('PodList');
});
