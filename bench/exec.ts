import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { readAccess } from '../src/cluster/launch/kubeconfig.ts';
import { benchCluster } from './support/cluster.ts';
import { median, report, seconds } from './support/measure.ts';

const BYTES = 1024 ** 3;
const ROUNDS = 5;

await using bench = await benchCluster();
const { kubectl, cluster } = bench;
await kubectl('run', 'box', '--image=pause');
await kubectl('wait', '--for=condition=Ready', 'pod/box', '--timeout=30s');
const access = await readAccess(cluster.kubeconfigPath);
const state = readFileSync(join(cluster.directory, 'state.json'), 'utf8');
const { node } = JSON.parse(state) as { node: { pid: number } };

/** Seconds of CPU time of the node's process; its clock ticks 100 times a second. */
function nodeCpu(): number {
  const stat = readFileSync(`/proc/${node.pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function read(): Promise<void> {
  const command = ['head', '-c', `${BYTES}`, '/dev/zero'];
  const query = command.map((word) => `command=${encodeURIComponent(word)}`).join('&');
  const url = `${cluster.server.replace('https', 'wss')}/api/v1/namespaces/default/pods/box/exec?${query}&stdout=true`;
  const socket = new WebSocket(url, 'v5.channel.k8s.io', {
    ...(access && { ca: access.ca, headers: { authorization: `Bearer ${access.token}` } }),
    perMessageDeflate: false,
  });
  let received = 0;
  socket.on('message', (message: Buffer) => {
    if (message[0] === 1) received += message.length - 1;
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  socket.once('error', reject);
  await promise;
  if (received !== BYTES) throw new Error(`${received} of ${BYTES} bytes came`);
}

const rates: number[] = [];
const server: number[] = [];
const client: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const [before, own] = [nodeCpu(), process.cpuUsage()];
  rates.push(BYTES / 1e6 / (await seconds(read)));
  const { user, system } = process.cpuUsage(own);
  server.push(((nodeCpu() - before) / BYTES) * 1e9);
  client.push(((user + system) / 1e6 / BYTES) * 1e9);
}
report(`1 GB through exec, ${ROUNDS} times`, [
  `${median(rates).toFixed(0)} MB/s, best ${Math.max(...rates).toFixed(0)} MB/s`,
  `node    ${median(server).toFixed(2)} s of CPU a GB, best ${Math.min(...server).toFixed(2)}`,
  `client  ${median(client).toFixed(2)} s of CPU a GB (a bare WebSocket), best ${Math.min(...client).toFixed(2)}`,
]);
