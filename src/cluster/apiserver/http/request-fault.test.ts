import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { FaultTable } from '../../faults/fault-table.ts';
import type { RequestEffect } from '../../faults/fault.ts';
import { ADMIN } from '../auth/user.ts';
import { type Exchange, sendError } from './exchange.ts';
import { meetFault } from './request-fault.ts';

/** A server that answers `done` in two writes, and what it has served, with one fault in its way. */
async function serverWith(effect: RequestEffect) {
  const faults = new FaultTable();
  faults.add({ kind: 'request', match: { verb: 'list', resource: 'pods' }, effect, times: 1 });
  const served: string[] = [];
  async function answer(exchange: Exchange): Promise<void> {
    if (!(await meetFault(faults, exchange, ADMIN))) return;
    served.push(exchange.url.pathname);
    exchange.response.write('do');
    exchange.response.end('ne');
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const exchange = { request, response, url, warnings: [], visible: () => Promise.resolve() };
    answer(exchange).catch((error: unknown) => sendError(exchange, error));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string, signal?: AbortSignal) => {
    const call = get({ host: '127.0.0.1', port, path, agent: false, ...(signal && { signal }) });
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return { code: response.statusCode, headers: response.headers, body: await text(response) };
  };
  return { ask, served };
}

const PODS = '/api/v1/pods';

test('a status is answered instead, once, to the request it names', async () => {
  const { ask, served } = await serverWith({ type: 'status', code: 429, retryAfterSeconds: 2 });
  expect(await ask('/api/v1/nodes')).toMatchObject({ code: 200, body: 'done' });
  const refused = await ask(PODS);
  expect(refused).toMatchObject({ code: 429, headers: { 'retry-after': '2' } });
  expect(JSON.parse(refused.body)).toMatchObject({ kind: 'Status', reason: 'TooManyRequests' });
  expect(await ask(PODS)).toMatchObject({ code: 200 });
  expect(served).toEqual(['/api/v1/nodes', PODS]);
});

test.each([
  ['lost-request', 0],
  ['lost-answer', 1],
] as const)('%s: the client hears nothing, and %i requests were served', async (type, count) => {
  const { ask, served } = await serverWith({ type });
  await expect(ask(PODS)).rejects.toThrow('socket hang up');
  expect(served).toHaveLength(count);
});

test('a timeout lasts until the client gives up', async () => {
  const { ask, served } = await serverWith({ type: 'timeout' });
  const patience = new AbortController();
  const asked = ask(PODS, patience.signal);
  setTimeout(() => patience.abort(), 100);
  await expect(asked).rejects.toThrow('aborted');
  expect(served).toEqual([]);
});

test('a delay keeps the bytes and their order', async () => {
  const { ask } = await serverWith({ type: 'delay', ms: 50 });
  expect(await ask(PODS)).toMatchObject({ code: 200, body: 'done' });
});
