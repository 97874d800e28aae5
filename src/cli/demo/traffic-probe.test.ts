import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TrafficProbe } from './traffic-probe.ts';

interface Backend {
  readonly port: number;
  /** Requests that each connection carried. */
  readonly connections: readonly { requests: number }[];
}

async function startBackend(status = 200): Promise<Backend> {
  const connections: { requests: number }[] = [];
  const server: Server = createServer({ keepAliveTimeout: 30_000 }, (_request, response) => {
    response.writeHead(status, { 'X-Pod': 'pod-a', 'Content-Length': 3 });
    response.end('ok\n');
  });
  server.on('connection', (socket) => {
    const seen = { requests: 0 };
    connections.push(seen);
    socket.on('data', () => {
      seen.requests += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, connections };
}

describe('TrafficProbe', () => {
  it('keeps its rate, half on new connections, half on kept ones that it renews', async () => {
    const backend = await startBackend();
    const startedAtMs = performance.now();
    const probe = new TrafficProbe({
      host: '127.0.0.1',
      port: backend.port,
      requestsPerSecond: 100,
      keepAliveMaxAgeMs: 500,
    });
    const kept = () => backend.connections.filter(({ requests }) => requests > 1);
    // Ten lanes: had they kept their first connections, there would never be more than ten.
    await expect.poll(() => kept().length).toBeGreaterThanOrEqual(20);
    // What a timer that is late has missed is made up for.
    const lateMs = 300;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lateMs);
    const due = ((performance.now() - startedAtMs) / 1000) * 100;
    await expect.poll(() => probe.requests.length).toBeGreaterThan(due - 5);
    await probe.stop();
    const wanted = ((performance.now() - startedAtMs) / 1000) * 100;

    expect(probe.requests.length).toBeLessThan(wanted + 2);
    expect(probe.requests.filter(({ pod }) => pod !== 'pod-a')).toEqual([]);
    const fresh = probe.requests.filter(({ kind }) => kind === 'new').length;
    expect(Math.abs(fresh - probe.requests.length / 2)).toBeLessThanOrEqual(1);
  });

  it('records every failure with its reason and never retries', async () => {
    const backend = await startBackend(503);
    const failing = new TrafficProbe({
      host: '127.0.0.1',
      port: backend.port,
      requestsPerSecond: 50,
    });
    await expect.poll(() => failing.requests.length).toBeGreaterThan(2);
    await failing.stop();
    expect(new Set(failing.requests.map(({ error }) => error))).toEqual(new Set(['HTTP 503']));

    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await using refused = new TrafficProbe({ host: '127.0.0.1', port, requestsPerSecond: 50 });
    await expect.poll(() => refused.requests.length).toBeGreaterThan(2);
    await refused.stop();
    expect(new Set(refused.requests.map(({ error }) => error))).toEqual(new Set(['ECONNREFUSED']));
  });
});
