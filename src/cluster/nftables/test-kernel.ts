import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { createLocalApi } from '../apiserver/local-api.ts';
import type { ProxyFollows } from '../balancer/index.ts';
import { createPodNetwork, type NodeNetwork } from '../network/index.ts';
import { inPod, sandbox, startInPod } from '../network/test-pods.ts';
import { Store } from '../store/index.ts';
import { loadBaseRules, startKernelDataPlane } from './index.ts';

// Runs inside namespaces of a test: two nodes, a Pod `a` on the first, `b` and `c` on the second.

const serviceCidr = '10.96.0.0/12';
export const clusterIP = '10.96.0.50';

/** Says its name and who asks; goes on to say its name for each line it gets. */
const server = `
const name = process.argv[1];
require('net').createServer((s) => {
  s.write(name + ' ' + s.remoteAddress + '\\n');
  s.on('data', (d) => String(d).startsWith('bye') ? s.end() : s.write(name + '\\n')).on('error', () => {});
}).listen(8080, '0.0.0.0', () => console.log('up'));
const udp = require('dgram').createSocket('udp4').bind(8080);
udp.on('message', (_, from) => udp.send(name, from.port, from.address));
`;

/** Asks N times, each time over a new connection, and counts the answers. */
const client = `
const [host, port, times] = process.argv.slice(1);
(async () => {
  const seen = {};
  for (let i = 0; i < Number(times); i++) {
    const said = await new Promise((resolve) => {
      const s = require('net').connect({ host, port: Number(port) });
      s.setTimeout(700, () => { s.destroy(); resolve('timeout'); });
      s.on('error', (e) => resolve(e.code));
      s.once('data', (d) => { s.end('bye'); resolve(String(d).trim()); });
    });
    seen[said] = (seen[said] ?? 0) + 1;
  }
  console.log(JSON.stringify(seen));
})();
`;

/** One socket that sends at each line of its input, and writes what it hears. */
const udpClient = `
const [host, port] = process.argv.slice(1);
const s = require('dgram').createSocket('udp4');
s.on('message', (m) => console.log(String(m))).on('error', (e) => console.log(e.code));
s.connect(Number(port), host, () => { console.log('up'); process.stdin.on('data', () => s.send('x')); });
`;

export async function setUp(options: { readonly proxyFollows?: ProxyFollows } = {}) {
  const network = await createPodNetwork({
    level: 'user',
    podCidrs: ['10.244.1.0/24', '10.244.2.0/24'],
    serviceCidr,
    clusterIPs: 'translated',
  });
  const rules = { serviceCidr, ownAddress: network.balancerAddress };
  await loadBaseRules(rules);
  const api = createLocalApi({
    store: new Store({ now: Date.now }),
    now: () => new Date(),
    validationRules: {},
  });
  api.create('namespaces', { metadata: { name: 'default' } });
  const errors: string[] = [];
  const [one, two] = network.nodes;
  const plane = startKernelDataPlane({
    ...rules,
    api,
    proxyFollows: options.proxyFollows ?? 'endpointslices',
    nodes: [
      { name: 'one', ...one! },
      { name: 'two', ...two! },
    ],
    onError: (error) => errors.push(String(error)),
  });
  const pods: Record<string, { readonly ip: string; readonly process: ChildProcess }> = {};
  const start = async (name: string, node: NodeNetwork) => {
    const process = await sandbox();
    const { ip } = await node.attach({ uid: name, pid: process.pid ?? 0 });
    await startInPod(process, server, name);
    pods[name] = { ip, process };
  };
  await Promise.all([start('a', one!), start('b', two!)]);
  await start('c', two!);
  const service = (spec: Service['spec'] = {}, name = 'web') =>
    api.create<Service>('services', {
      metadata: { name, namespace: 'default' },
      spec: { clusterIP, ports: [{ port: 80, targetPort: 8080 }], ...spec },
    });
  const sliceOf = (names: readonly string[], ports: EndpointSlice['ports'] = [{ port: 8080 }]) => ({
    addressType: 'IPv4',
    ports,
    endpoints: names.map((name) => ({
      addresses: [pods[name]!.ip],
      conditions: { ready: true },
      nodeName: name === 'a' ? 'one' : 'two',
    })),
  });
  const slice = (names: readonly string[], ports?: EndpointSlice['ports'], of = 'web') =>
    api.create('endpointslices', {
      metadata: {
        name: `${of}-1`,
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': of },
      },
      ...sliceOf(names, ports),
    });
  const change = async (names: readonly string[], of = 'web') => {
    api.patch(
      'endpointslices',
      { namespace: 'default', name: `${of}-1` },
      { endpoints: sliceOf(names).endpoints },
      { type: 'merge' },
    );
    await plane.settled();
  };
  const ask = async (from: string, host = clusterIP, port = 80, times = 20) =>
    JSON.parse(await inPod(pods[from]!.process, client, host, `${port}`, `${times}`)) as Record<
      string,
      number
    >;
  const udp = async (from: string, host = clusterIP, port = 53) => {
    const child = await startInPod(pods[from]!.process, udpClient, host, `${port}`);
    return async () => {
      child.stdin!.write('go\n');
      const [said] = (await once(child.stdout!, 'data')) as [Buffer];
      return String(said).trim();
    };
  };
  return { api, network, plane, pods, errors, service, slice, change, ask, udp };
}
