import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { bareServer } from './support/bare-server.ts';
import { median, report, seconds } from './support/measure.ts';
import { createPods } from './support/pods.ts';

const PODS = 10_000;
const ROUNDS = 9;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

interface Times {
  readonly bytes: number;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

const collect = () => (globalThis as { gc?: () => void }).gc?.();
const { server, port, certificates } = await bareServer();
// The peer: the same bytes from a server that does nothing else.
let bytes: readonly Buffer[] = [];
const { cert, key, ca } = certificates;
const peer = createServer({ cert, key }, (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  const next = (index: number): void => {
    const chunk = bytes[index];
    if (!chunk) response.end();
    else if (response.write(chunk)) next(index + 1);
    else response.once('drain', () => next(index + 1));
  };
  next(0);
}).listen(0, '127.0.0.1');
await once(peer, 'listening');
const peerPort = (peer.address() as AddressInfo).port;

const client = fork(new URL('support/list-client.ts', import.meta.url));
const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();

async function ask(
  accept: string,
  at = port,
  path = '/api/v1/pods',
): Promise<Times & { blockedMs: number }> {
  loop.reset();
  client.send({ port: at, ca, path, accept });
  const [times] = (await once(client, 'message')) as [Times];
  return { ...times, blockedMs: loop.max / 1e6 };
}

// The client's connection and its code are not what is measured.
await ask('application/json', port, '/version');

collect();
const emptyMb = process.memoryUsage().rss / 1e6;
const before = heapAndBuffers();
const created = await seconds(() => createPods(server, PODS));
const lines = [
  `create and set status, in process  ${((created / PODS) * 1e6).toFixed(0)} us a Pod`,
];

// Cold: the JSON of no Pod is made yet when the first list comes, right behind the last write.
lines.push(line('list as objects, at once', [await ask('application/json')]));
await delay(500);
const kinds = {
  'list as objects': () => ask('application/json'),
  'list as a Table': () => ask(TABLE),
  'list as metadata': () => ask(METADATA),
  'the same bytes, bare node:https': () => ask('', peerPort),
};
for (const run of Object.values(kinds)) await run();
collect();
const rssMb = process.memoryUsage().rss / 1e6;
const podBytes = (heapAndBuffers() - before) / PODS;
lines.push(
  `memory of a Pod                    ${(podBytes / 1000).toFixed(1)} KB`,
  `memory of the process              ${rssMb.toFixed(0)} MB (${emptyMb.toFixed(0)} MB without Pods)`,
);
bytes = peerBytes();
const results: Record<string, (Times & { blockedMs: number })[]> = {};
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, run] of Object.entries(kinds)) (results[name] ??= []).push(await run());
for (const [name, all] of Object.entries(results)) lines.push(line(name, all));

const items = server.api.list('pods');
const stringified = await seconds(() => JSON.stringify({ items }));
lines.push(
  `JSON.stringify of the list         ${(stringified * 1000).toFixed(0)} ms, all blocking`,
);
report(`${PODS} Pods over TLS, the client in another process`, lines);
client.kill();
peer.close();
peer.closeAllConnections();
await server.close();

function line(name: string, all: readonly (Times & { blockedMs: number })[]): string {
  const ms = (of: (times: Times & { blockedMs: number }) => number) =>
    `${median(all.map(of)).toFixed(0)} ms`;
  const total = ms(({ totalMs }) => totalMs);
  const first = ms(({ firstByteMs }) => firstByteMs);
  const megabytes = ((all[0]?.bytes ?? 0) / 1e6).toFixed(0);
  return `${name.padEnd(34)} ${total}, first byte ${first}, loop blocked at most ${ms(({ blockedMs }) => blockedMs)}, ${megabytes} MB`;
}

function peerBytes(): readonly Buffer[] {
  const text = Buffer.from(JSON.stringify({ items: server.api.list('pods') }));
  const size = 256 * 1024;
  return Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
    text.subarray(n * size, (n + 1) * size),
  );
}

function heapAndBuffers(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
