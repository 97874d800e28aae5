import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { bareServer } from './support/bare-server.ts';
import { report } from './support/measure.ts';
import { createPods } from './support/pods.ts';

const WATCHERS = Number(process.argv[2] ?? 1000);
const SECONDS = Number(process.argv[3] ?? 3);
const CLIENTS = 2;

interface Seen {
  readonly events: number;
  readonly p50: number;
  readonly p99: number;
}

const { server, port, certificates } = await bareServer();
createPods(server, 1);
const [pod] = server.api.list('pods', { namespace: 'default' });
const namesOf = {
  pods: { namespace: 'default', name: pod?.metadata?.name ?? '' },
  configmaps: { namespace: 'default', name: 'small' },
};
const data = { a: 'value'.repeat(30) };
server.api.create('configmaps', { metadata: namesOf.configmaps, data });

// The peer: the same bytes to as many clients from a server that does nothing else.
const { cert, key, ca } = certificates;
const readers = new Set<ServerResponse>();
const peer = createServer({ cert, key }, (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.flushHeaders();
  readers.add(response);
  response.once('close', () => readers.delete(response));
}).listen(0, '127.0.0.1');
await once(peer, 'listening');
const peerPort = (peer.address() as AddressInfo).port;

type Plural = keyof typeof namesOf;
const written = (plural: Plural) => {
  const annotations = { 'written-at': String(Date.now()) };
  return server.api.patch(
    plural,
    namesOf[plural],
    { metadata: { annotations } },
    { type: 'merge' },
  );
};
const bySelf = (plural: Plural) => void written(plural);
const byPeer = (plural: Plural) => {
  const event = JSON.stringify({ type: 'MODIFIED', object: written(plural) });
  const bytes = Buffer.from(`${event}\n`);
  for (const reader of readers) reader.write(bytes);
};

const clients = Array.from({ length: CLIENTS }, () =>
  fork(new URL('support/watch-client.ts', import.meta.url)),
);
const tell = async <T>(message: object | string): Promise<T[]> =>
  await Promise.all(
    clients.map(async (client: ChildProcess) => {
      client.send(message);
      const [answer] = (await once(client, 'message')) as [T];
      return answer;
    }),
  );

/** One line: how fast the changes really came, what the watchers saw of them, and what it cost. */
async function run(what: string, plural: Plural, rate: number, isPeer: boolean): Promise<string> {
  const path = `/api/v1/${plural}?watch=true&resourceVersion=${newest(plural)}`;
  await tell({ port: isPeer ? peerPort : port, ca, path, watchers: WATCHERS / CLIENTS });
  const write = isPeer ? byPeer : bySelf;
  const cpu = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < SECONDS * 1000; count += 1) {
    write(plural);
    await delay(Math.max(0, start + ((count + 1) * 1000) / rate - performance.now()));
  }
  const took = (performance.now() - start) / 1000;
  await delay(1000);
  const { user, system } = process.cpuUsage(cpu);
  const seen = await tell<Seen>('report');
  const events = seen.reduce((sum, { events: some }) => sum + some, 0);
  const worst = (of: (some: Seen) => number) => Math.max(...seen.map(of));
  await delay(300);
  return (
    `${what}, ${isPeer ? 'bare node:https' : 'watch'}`.padEnd(36) +
    `${(count / took).toFixed(0)} updates/s, p50 ${worst(({ p50 }) => p50)} ms, p99 ${worst(({ p99 }) => p99)} ms, ` +
    `${((events / (count * WATCHERS)) * 100).toFixed(1)} % seen, ` +
    `${((user + system) / events).toFixed(1)} us an event`
  );
}

const lines: string[] = [];
for (const [what, plural, rate] of [
  ['ConfigMaps of 0.5 KB, 200/s', 'configmaps', 200],
  ['Pods of 5.7 KB, 50/s', 'pods', 50],
] as const) {
  for (const isPeer of [false, true]) lines.push(await run(what, plural, rate, isPeer));
}
report(`${WATCHERS} watchers over TLS in ${CLIENTS} other processes`, lines);
for (const client of clients) client.kill();
peer.close();
peer.closeAllConnections();
await server.close();

function newest(plural: string): string {
  return server.api.list(plural)[0]?.metadata?.resourceVersion ?? '';
}
