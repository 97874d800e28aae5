import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import {
  type ApiServer,
  createApiServer,
  generateCertificates,
  openJournal,
} from '../src/cluster/apiserver/index.ts';
import { median, report, seconds, takeTurns } from './support/measure.ts';

const WRITES = 400;
const ROUNDS = 5;
const CLIENTS = [1, 8, 32];

await using given = new AsyncDisposableStack();
// On a disk, not on a file system of memory: pass a directory when /tmp is one.
const directory = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'pitstop-bench-'));
given.defer(() => rm(directory, { recursive: true, force: true }));
const certificates = await generateCertificates();
const agent = new Agent({ ca: certificates.ca, keepAlive: true });
given.defer(() => agent.destroy());
const journal = given.use(await openJournal(directory));
const agentless = (): never => {
  throw new Error('no kubelet here');
};
const common = { token: 'bench', certificates, agent: agentless };
const servers = {
  'in memory': createApiServer(common),
  'with a journal': createApiServer({ ...common, journal }),
};
for (const server of Object.values(servers)) given.defer(() => server.close());

const lines: string[] = [];
for (const clients of CLIENTS) {
  const peers: Record<string, () => Promise<number>> = {};
  for (const [name, server] of Object.entries(servers)) {
    const { port } = await server.listen(0);
    peers[name] = () => seconds(() => writeAll(server, port, clients));
  }
  const results = await takeTurns(peers, ROUNDS);
  const [memory = 0, journaled = 0] = Object.values(results).map((times) => WRITES / median(times));
  lines.push(
    `${clients} clients`.padEnd(12) +
      `${memory.toFixed(0)} writes/s in memory, ${journaled.toFixed(0)} with a journal: ${(journaled / memory).toFixed(2)}`,
  );
}
report('PATCH of a ConfigMap over TLS, each on disk before it is answered', lines);

async function writeAll({ api }: ApiServer, port: number, clients: number): Promise<void> {
  const each = WRITES / clients;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const key = { namespace: 'default', name: `client-${client}` };
      if (!api.get('configmaps', key)) api.create('configmaps', { metadata: key, data: {} });
      for (let n = 0; n < each; n += 1) await patch(port, key.name, `${n}-${Math.random()}`);
    }),
  );
}

function patch(port: number, name: string, value: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const body = JSON.stringify({ data: { value: value.padEnd(500, 'x') } });
  const path = `/api/v1/namespaces/default/configmaps/${name}`;
  const headers = {
    authorization: 'Bearer bench',
    'content-type': 'application/merge-patch+json',
    'content-length': Buffer.byteLength(body),
  };
  request({ host: '127.0.0.1', port, path, method: 'PATCH', agent, headers }, (response) => {
    response.resume().once('end', resolve);
  })
    .once('error', reject)
    .end(body);
  return promise;
}
