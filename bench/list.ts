import { Agent, get } from 'node:https';
import { createApiServer, generateCertificates } from '../src/cluster/apiserver/index.ts';
import { readFileSync } from 'node:fs';
import { median, report, seconds } from './support/measure.ts';

const PODS = 10_000;

const certificates = await generateCertificates();
const server = createApiServer({
  token: 'bench',
  certificates,
  agent: () => {
    throw new Error('no kubelet here');
  },
});
const { port } = await server.listen(0);
// A Pod as a real cluster has them, managedFields and all.
const url = new URL('../test/recorded/objects/pods.json', import.meta.url);
const { metadata, spec, status } = JSON.parse(readFileSync(url, 'utf8')).items[0];
const labels = metadata.labels;
const created = await seconds(() => {
  for (let n = 0; n < PODS; n += 1) {
    const name = `pod-${n}`;
    const pod = { metadata: { name, namespace: 'default', labels }, spec, status };
    server.api.create('pods', pod, { fieldManager: 'bench' });
  }
});

const agent = new Agent({ ca: certificates.ca, keepAlive: true });
function list(accept: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { authorization: 'Bearer bench', accept };
  get({ host: '127.0.0.1', port, path: '/api/v1/pods', agent, headers }, (response) => {
    let bytes = 0;
    response.on('data', (chunk: Buffer) => (bytes += chunk.length));
    response.once('end', () => resolve(bytes));
  }).once('error', reject);
  return promise;
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const lines = [`create, in process      ${((created / PODS) * 1e6).toFixed(0)} us a Pod`];
for (const [name, accept] of [
  ['as objects', 'application/json'],
  ['as a Table', TABLE],
] as const) {
  let bytes = 0;
  const first = await seconds(async () => (bytes = await list(accept)));
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) times.push(await seconds(() => list(accept)));
  const took = median(times);
  lines.push(
    `list ${name.padEnd(18)} ${(took * 1000).toFixed(0)} ms, first ${(first * 1000).toFixed(0)} ms, ${(bytes / 1e6).toFixed(0)} MB`,
  );
}
report(`${PODS} Pods over TLS`, lines);
agent.destroy();
await server.close();
