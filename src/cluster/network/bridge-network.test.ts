import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const namespaces =
  '--user --map-root-user --net --mount --pid --fork --mount-proc --kill-child'.split(' ');
const allowed = await promisify(execFile)('unshare', [...namespaces, 'true']).then(
  () => true,
  () => false,
);

// Runs inside namespaces of its own, as the node process does.
const program = `
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { createPodNetwork } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};

const network = await createPodNetwork({
  level: 'user', podCidr: '10.244.1.0/24', serviceCidr: '10.96.0.0/12',
});
const ask = 'require("net").connect(+process.argv[2], process.argv[1]).pipe(process.stdout)';
const tell = 'require("net").createServer(s => s.end(s.remoteAddress)).listen(8080, "0.0.0.0", () => console.log())';
async function inPod(pid, code, ...args) {
  const child = spawn('nsenter', ['-t', String(pid), '-n', process.execPath, '-e', code, ...args]);
  const [text] = await once(child.stdout, 'data');
  return String(text);
}
async function sandbox() {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec sleep 60']);
  await once(child.stdout, 'data');
  return child;
}
async function read(options) {
  const [text] = await once(connect(options), 'data');
  return String(text);
}
const bridge = () => JSON.parse(execFileSync('ip', ['-j', 'link', 'show', 'cni0']))[0].address;
const bridges = [bridge()];
const [one, two] = [await sandbox(), await sandbox()];
const [a, b] = await Promise.all([
  network.attach({ uid: 'a', pid: one.pid }), network.attach({ uid: 'b', pid: two.pid }),
]);
bridges.push(bridge());
await inPod(one.pid, tell);
const service = createServer((s) => s.end(s.remoteAddress)).listen(80, network.serviceAddress('10.96.0.10'));
await once(service, 'listening');
const seen = {
  addresses: [a.ip, b.ip],
  nodeToPod: await read({ host: a.ip, port: 8080, localAddress: network.nodeAddress }),
  balancerToPod: await read({ host: a.ip, port: 8080 }),
  podToPod: await inPod(two.pid, ask, a.ip, '8080'),
  podToService: await inPod(two.pid, ask, '10.96.0.10', '80'),
};
await network.detach('a');
bridges.push(bridge());
seen.bridges = bridges;
const again = await sandbox();
seen.next = (await network.attach({ uid: 'c', pid: again.pid })).ip;
const failure = await network.attach({ uid: 'd', pid: 99999 }).catch((error) => error.message);
await network[Symbol.asyncDispose]();
const links = readFileSync('/proc/net/dev', 'utf8').match(/\\w+(?=:)/g);
console.log(JSON.stringify({ ...seen, failure, links }));
process.exit(0);
`;

test.skipIf(!allowed)('Pods reach each other and Services, and see who is speaking', async () => {
  const { stdout } = await promisify(execFile)('unshare', [
    ...namespaces,
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ]);
  const { links, ...seen } = JSON.parse(stdout) as Record<string, unknown>;
  expect(seen).toEqual({
    addresses: ['10.244.1.2', '10.244.1.3'],
    nodeToPod: '10.0.0.2',
    balancerToPod: '10.0.0.3',
    podToPod: '10.244.1.3',
    podToService: '10.244.1.3',
    // Pods that come and go must not change the gateway's hardware address under the others.
    bridges: Array(3).fill('0a:58:0a:f4:01:01'),
    next: '10.244.1.4',
    failure: 'cannot connect the sandbox of Pod d to the Pod network',
  });
  expect(links).not.toEqual(expect.arrayContaining([expect.stringMatching(/cni|veth/)]));
});
