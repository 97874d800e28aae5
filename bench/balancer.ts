import { Agent, get } from 'node:http';
import { benchCluster } from './support/cluster.ts';
import { median, report, seconds, takeTurns } from './support/measure.ts';

const CONNECTIONS = 16;
const REQUESTS = 4000;

const server = `require('http').createServer((_, r) => r.end('x')).listen(8080)`;
await using bench = await benchCluster();
const { kubectl } = bench;
const command = ['--', 'node', '-e', server];
await kubectl('create', 'deployment', 'web', '--image=host', '--replicas=2', ...command);
await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');
const ports = ['--port=80', '--target-port=8080', '--type=NodePort'];
await kubectl('expose', 'deployment', 'web', ...ports);
const port = Number(
  await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}'),
);

/** Requests a second through the Service, from clients that each wait for their answer. */
async function rate(agent: Agent | false): Promise<number> {
  const client = async () => {
    for (let sent = 0; sent < REQUESTS / CONNECTIONS; sent += 1) await request(agent);
  };
  const took = await seconds(() => Promise.all(Array.from({ length: CONNECTIONS }, client)));
  if (agent) agent.destroy();
  return REQUESTS / took;
}

function request(agent: Agent | false): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  get({ host: '127.0.0.1', port, agent }, (response) => {
    response.resume();
    response.once('end', resolve);
  }).once('error', reject);
  return promise;
}

// The first requests wait for the programs to listen.
for (let attempt = 0; attempt < 100; attempt += 1) {
  if (
    await request(false).then(
      () => true,
      () => false,
    )
  )
    break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const results = await takeTurns(
  {
    'keep-alive requests': () => rate(new Agent({ keepAlive: true, maxSockets: CONNECTIONS })),
    'new connections': () => rate(false),
  },
  5,
);
report(
  `a Service of two Pods, ${CONNECTIONS} clients in one process`,
  Object.entries(results).map(
    ([name, rates]) => `${name.padEnd(20)} ${median(rates).toFixed(0)} a second`,
  ),
);
