import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { createApiServer, generateCertificates } from '../src/cluster/apiserver/index.ts';
import { report } from './support/measure.ts';
import { createPods } from './support/pods.ts';

const WATCHERS = Number(process.argv[2] ?? 1000);
const SECONDS = 4;

interface Seen {
  readonly events: number;
  readonly p50: number;
  readonly p99: number;
}

const certificates = await generateCertificates();
const server = createApiServer({
  token: 'bench',
  certificates,
  agent: () => {
    throw new Error('no kubelet here');
  },
});
const { port } = await server.listen(0);
createPods(server, 1);
const [pod] = server.api.list('pods', { namespace: 'default' });
const key = { namespace: 'default', name: pod?.metadata?.name ?? '' };
const small = { namespace: 'default', name: 'small' };
server.api.create('configmaps', { metadata: small, data: { a: 'value' } });

for (const [kind, plural, of, rate] of [
  ['Pods of 5.7 KB', 'pods', key, 50],
  ['Pods of 5.7 KB', 'pods', key, 200],
  ['ConfigMaps of 0.5 KB', 'configmaps', small, 200],
] as const) {
  const client = fork(new URL('support/watch-client.ts', import.meta.url));
  const path = `/api/v1/${plural}?watch=true&resourceVersion=${newest(plural)}`;
  client.send({ port, ca: certificates.ca, path, watchers: WATCHERS });
  await once(client, 'message');
  const cpu = process.cpuUsage();
  const wanted = rate * SECONDS;
  const start = performance.now();
  for (let n = 0; n < wanted; n += 1) {
    const annotations = { 'written-at': String(Date.now()) };
    server.api.patch(plural, of, { metadata: { annotations } }, { type: 'merge' });
    await delay(Math.max(0, start + ((n + 1) * 1000) / rate - performance.now()));
  }
  const took = (performance.now() - start) / 1000;
  await delay(1500);
  const { user, system } = process.cpuUsage(cpu);
  client.send('report');
  const [seen] = (await once(client, 'message')) as [Seen];
  client.kill();
  await once(client, 'exit');
  const events = wanted * WATCHERS;
  report(`${WATCHERS} watchers over TLS in one other process`, [
    `${kind}, ${(wanted / took).toFixed(0)} updates/s`.padEnd(38) +
      `p50 ${seen.p50} ms, p99 ${seen.p99} ms, ${((seen.events / events) * 100).toFixed(1)} % seen, ` +
      `server ${((user + system) / events).toFixed(1)} us an event, ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
  ]);
}
await server.close();

function newest(plural: string): string {
  return server.api.list(plural)[0]?.metadata?.resourceVersion ?? '';
}
