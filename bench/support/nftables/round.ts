import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { clusterIP, dataPlane, network, ports, sliceOf } from './pods.ts';

// One round of one way to reach three Pods from a fourth. Prints its numbers as JSON.
const run = promisify(execFile);
const variant = process.argv[2];
const SECONDS = 3;
const BULK_BYTES = 2 * 1024 ** 3;
const bulk = fileURLToPath(new URL('../balancer/bulk.ts', import.meta.url));
const endpoints = fileURLToPath(new URL('../balancer/endpoints.ts', import.meta.url));

const servers: ChildProcess[] = [];

await using given = new AsyncDisposableStack();
const directory = await mkdtemp(join(tmpdir(), 'pitstop-bench-'));
given.defer(() => rm(directory, { recursive: true, force: true }));
const { nodes, balancerAddress } = await network();
const node = nodes[0]!;
const client = await sandbox('client');
const pods = await Promise.all(['a', 'b', 'c'].map((name) => sandbox(name)));
const hasHaproxy = await run('haproxy', ['-v']).then(
  () => true,
  () => false,
);
for (const pod of pods) await serve(pod.pid);
const addresses = pods.map(({ ip }) => ip);
await translate();

const host = variant === 'direct' ? addresses[0] : clusterIP;
const url = `http://${host}:8080/`;
await until(() => inPod(client.pid, 'wrk', ['-t1', '-c1', '-d1s', url]));
const keepAlive = await requests(64, []);
const newConnections = await requests(32, ['-H', 'Connection: close']);
const { stdout } = await inPod(client.pid, process.execPath, [bulk, 'sink', host ?? '']);
process.stdout.write(JSON.stringify({ keepAlive, newConnections, bulk: Number(stdout) }));
process.exit();

async function sandbox(uid: string): Promise<{ readonly pid: number; readonly ip: string }> {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec sleep 120']);
  await once(child.stdout, 'data');
  const { pid = 0 } = child;
  const { ip } = await node.attach({ uid, pid });
  return { pid, ip };
}

async function serve(pid: number): Promise<void> {
  start(pid, process.execPath, [bulk, 'source', '0.0.0.0', `${BULK_BYTES}`]);
  if (!hasHaproxy) {
    start(pid, process.execPath, [endpoints, '0.0.0.0']);
    return;
  }
  const path = join(directory, `${pid}.cfg`);
  await writeFile(
    path,
    `global
  nbthread 1
defaults
  mode http
  timeout client 60s
  timeout connect 5s
  timeout server 60s
frontend pod
  bind 0.0.0.0:8080
  http-request return status 200 content-type text/plain string ok
`,
  );
  start(pid, 'haproxy', ['-db', '-f', path]);
}

async function translate(): Promise<void> {
  if (variant === 'by-hand') {
    const rule = (port: number) =>
      `ip daddr ${clusterIP} tcp dport ${port} dnat to numgen random mod 3 map { ${addresses
        .map((address, index) => `${index} : ${address}`)
        .join(', ')} } : ${port}`;
    const chain = (hook: string) =>
      `chain ${hook} { type nat hook ${hook} priority -100; ${rule(8080)}; ${rule(8081)}; }`;
    await run('nft', [`table ip hand { ${chain('prerouting')}; ${chain('output')}; }`]);
  } else if (variant === 'pitstop') {
    const { api, plane } = await dataPlane(balancerAddress);
    api.create('services', {
      metadata: { name: 'web', namespace: 'default' },
      spec: { clusterIP, ports },
    });
    api.create('endpointslices', sliceOf('web', 'web', addresses));
    await plane.settled();
  }
}

// On a busy machine the CPU time of all that take part says more than the rate: what the kernel does
// to a packet is done in the name of whoever sends it.
async function requests(connections: number, more: readonly string[]) {
  const before = await ticksOf(servers);
  const wrk = ['wrk', '-t1', `-c${connections}`, `-d${SECONDS}s`, ...more, url];
  const timed = ['-c', 'TIMEFORMAT="CPU %U %S"; time "$@"', 'bash', ...wrk];
  const said = await inPod(client.pid, 'bash', timed);
  const [, user, system] = /CPU ([\d.]+) ([\d.]+)/.exec(said.stderr) ?? [];
  const served = ((await ticksOf(servers)) - before) / 100;
  const count = Number(/(\d+) requests in/.exec(said.stdout)?.[1]);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(said.stdout)?.[1]),
    cpuUs: ((Number(user) + Number(system) + served) * 1e6) / count,
  };
}

async function ticksOf(processes: readonly ChildProcess[]): Promise<number> {
  const texts = await Promise.all(
    processes.map(({ pid }) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')),
  );
  const fields = texts.map((text) => text.slice(text.lastIndexOf(')') + 2).split(' '));
  return fields.reduce((sum, each) => sum + Number(each[11] ?? 0) + Number(each[12] ?? 0), 0);
}

function start(pid: number, file: string, args: readonly string[]): ChildProcess {
  const child = spawn('nsenter', ['--target', `${pid}`, '--net', file, ...args], {
    stdio: 'ignore',
  });
  servers.push(child);
  return child;
}

async function inPod(pid: number, file: string, args: readonly string[]) {
  return await run('nsenter', ['--target', `${pid}`, '--net', file, ...args]);
}

async function until(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (
      await work().then(
        () => true,
        () => false,
      )
    )
      return;
    await delay(100);
  }
  throw new Error('the Pods do not answer');
}
