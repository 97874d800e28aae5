import { execFile } from 'node:child_process';
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { benchCluster } from './support/cluster.ts';
import { heapProgram } from './support/heap-dump.ts';
import { report, seconds } from './support/measure.ts';
import { inOwnNetwork, shape } from './support/own-network.ts';

// node bench/run.ts [THOUSANDS OF ORDERS] [LINK...]: 700 make a heap dump of 1.1 GB; of the JDK at
// JAVA_HOME, else of the one on PATH.
const orders = Number(process.argv[2] ?? 700) * 1000;
const canShape = await inOwnNetwork();
const links = process.argv.length > 3 ? process.argv.slice(3) : ['loopback', '1gbit'];
const tool = (name: string) =>
  process.env['JAVA_HOME'] === undefined ? name : join(process.env['JAVA_HOME'], 'bin', name);
const execute = promisify(execFile);
const cli = fileURLToPath(new URL('../bin/kubectl-pitstop.js', import.meta.url));

await using bench = await benchCluster();
const { kubectl, directory, cluster } = bench;
await writeFile(join(directory, 'Heap.java'), heapProgram);
const labels = { app: 'orders', traffic: 'yes' };
const java = [
  tool('java'),
  '-Xms3g',
  '-Xmx3g',
  '-Xlog:safepoint:file=/tmp/safepoint.log',
  '/data/Heap.java',
  `${orders}`,
  '/tmp/ready',
  '8080',
];
const container = {
  name: 'orders',
  image: 'host',
  command: java,
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
  readinessProbe: { exec: { command: ['test', '-f', '/tmp/ready'] }, periodSeconds: 1 },
};
/** Ten new connections a second, each with a second to be answered. */
const asks = `
while :; do
  if exec 3<>"/dev/tcp/$ORDERS_SERVICE_HOST/80" && read -r -t 1 line <&3; then echo answered; else echo failed; fi
  exec 3>&-
  sleep 0.1
done 2>/dev/null`;
const objects = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'orders' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'orders' } },
        template: {
          metadata: { labels },
          spec: {
            containers: [container],
            volumes: [{ name: 'data', hostPath: { path: directory } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'orders' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ],
};
const file = join(directory, 'objects.json');
await writeFile(file, JSON.stringify(objects));
await kubectl('create', '-f', file);
await kubectl('rollout', 'status', 'deploy/orders', '--timeout=300s');
const client = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'client' },
  spec: { containers: [{ name: 'client', image: 'host', command: ['bash', '-c', asks] }] },
};
await writeFile(file, JSON.stringify(client));
const names = await kubectl('get', 'pods', '-l', 'app=orders', '-o', 'name');
await kubectl('create', '-f', file);
await kubectl('wait', '--for=condition=Ready', 'pod/client', '--timeout=60s');
const pod = names.trim().split('\n')[0]?.replace('pod/', '') ?? '';

/** How long the JVM says that it stood still for its last heap dump. */
async function lastPause(): Promise<number> {
  const log = await kubectl('exec', pod, '--', 'grep', 'HeapDumper', '/tmp/safepoint.log');
  const [, nanoseconds] = /Total:\s+(\d+) ns/.exec(log.trim().split('\n').at(-1) ?? '') ?? [];
  return Number(nanoseconds) / 1e9;
}

/** Requests of the client so far: all, and those that nobody answered in time. */
async function requests(): Promise<readonly [number, number]> {
  const lines = (await kubectl('logs', 'client')).trimEnd().split('\n');
  return [lines.length, lines.filter((line) => line === 'failed').length];
}

async function firstBytes(path: string): Promise<string> {
  await using handle = await open(path);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return buffer.toString();
}

/** As the note does it: nothing is checked, and the Pod stays in traffic. */
async function byHand(home: string): Promise<string> {
  const remote = '/tmp/heap.hprof';
  await kubectl('exec', pod, '--', tool('jmap'), `-dump:live,format=b,file=${remote}`, '1');
  const local = join(home, 'heap.hprof');
  await kubectl('cp', `${pod}:${remote}`, local);
  await kubectl('exec', pod, '--', 'rm', remote);
  return local;
}

async function byPitstop(home: string): Promise<string> {
  const { stdout } = await execute(
    process.execPath,
    [cli, 'run', pod, '--diagnostic=jvm-heap', '-O', `${home}/`, '-o', 'json', '--progress=none'],
    { env: { ...process.env, KUBECONFIG: cluster.kubeconfigPath } },
  );
  const { status } = JSON.parse(stdout) as {
    status: { artifact: { path: string; verified: boolean }; phase: string };
  };
  if (!status.artifact.verified) throw new Error('not verified');
  return status.artifact.path;
}

interface Row {
  readonly name: string;
  readonly took: number;
  readonly pause: number;
  readonly bytes: number;
  readonly asked: string;
}

for (const link of links) {
  if (link !== 'loopback') {
    if (!canShape) continue;
    shape(link);
  }
  const rows: Row[] = [];
  for (const [name, way] of [
    ['exec jmap, cp', byHand],
    ['pitstop run', byPitstop],
  ] as const) {
    const home = join(directory, 'home');
    await mkdir(home, { recursive: true });
    let local = '';
    const before = await requests();
    const took = await seconds(async () => {
      local = await way(home);
    });
    const after = await requests();
    const isDump = (await firstBytes(local)) === 'JAVA';
    if (!isDump) throw new Error(`${local} is no heap dump`);
    const asked = `${after[1] - before[1]} of ${after[0] - before[0]} requests failed`;
    rows.push({ name, took, pause: await lastPause(), bytes: (await stat(local)).size, asked });
    await rm(home, { recursive: true });
  }
  if (link !== 'loopback') shape(undefined);
  const [peer] = rows;
  report(
    `a heap dump over ${link}; pitstop also isolates, proves, verifies, walks through it, restores`,
    rows.map(({ name, took, pause, bytes, asked }) => {
      const of = (mine: number, theirs = Number.NaN) => (mine / theirs).toFixed(2);
      return `${name.padEnd(14)} ${(bytes / 1e6).toFixed(0)} MB  ${took.toFixed(1)} s (${of(took, peer?.took)})  pause ${pause.toFixed(2)} s (${of(pause, peer?.pause)}); ${asked}`;
    }),
  );
}
