import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { highWaterMark } from '../../../test/support/high-water-mark.ts';

// One round of one way to balance, in a network namespace of its own: of a namespace that an earlier
// round has filled with closed connections, the ports run out. Prints its numbers as JSON.
const run = promisify(execFile);
const [variant = '', endpointKind = ''] = process.argv.slice(2);
const CLOSE = ['-H', 'Connection: close'];
const SECONDS = 3;
const BULK_BYTES = 2 * 1024 ** 3;
const GLOBAL = `global
  nbthread 1
  maxconn 4096
defaults
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 60s
`;
const pods = ['127.77.0.11', '127.77.0.12', '127.77.0.13'];
const front = variant === 'direct' ? pods[0]! : '127.96.0.10';

await using given = new AsyncDisposableStack();
const directory = await mkdtemp(join(tmpdir(), 'pitstop-bench-'));
given.defer(() => rm(directory, { recursive: true, force: true }));
await run('ip', ['link', 'set', 'lo', 'up']);

if (endpointKind === 'haproxy') await startHaproxy(0, haproxyEndpoints());
else start(0, process.execPath, [program('./endpoints.ts'), ...pods]);
for (const pod of pods)
  start(0, process.execPath, [program('./bulk.ts'), 'source', pod, `${BULK_BYTES}`]);
const balancer = await startBalancer();
for (const port of [8080, 8081]) await answers(front, port);

// What a compiler does in its first second is no property of the data plane.
await requests(32, CLOSE);
const keepAlive = await measured(() => requests(64, []));
const newConnections = await measured(() => requests(32, CLOSE));
const bulk = await measured(async () => {
  const { stdout } = await pinned(0, process.execPath, [program('./bulk.ts'), 'sink', front]);
  return { rate: Number(stdout), units: BULK_BYTES / 1e9 };
});
process.stdout.write(
  JSON.stringify({
    keepAlive,
    newConnections,
    bulk,
    rssMb: highWaterMark(balancer?.pid) / 1024,
  }),
);

async function startBalancer(): Promise<ChildProcess | undefined> {
  if (variant === 'haproxy') return startHaproxy(1, haproxyBalancer());
  if (variant !== 'pitstop') return undefined;
  return start(1, process.execPath, [program('./process.ts'), ...pods]);
}

async function startHaproxy(core: number, config: string): Promise<ChildProcess> {
  const path = join(directory, `haproxy-${core}.cfg`);
  await writeFile(path, config);
  return start(core, 'haproxy', ['-db', '-f', path]);
}

function haproxyEndpoints(): string {
  return `${GLOBAL}
frontend pods
  mode http
${pods.map((pod) => `  bind ${pod}:8080`).join('\n')}
  http-request return status 200 content-type text/plain string ok
`;
}

function haproxyBalancer(): string {
  const listen = (name: string, port: number) => `
listen ${name}
  mode tcp
  balance leastconn
  bind ${front}:${port}
${pods.map((pod, index) => `  server s${index} ${pod}:${port}`).join('\n')}
`;
  return `${GLOBAL}${listen('web', 8080)}${listen('bulk', 8081)}`;
}

/** Kept to one core: what is measured has the other for itself. */
function start(core: number, command: string, args: readonly string[]): ChildProcess {
  const child = spawn('taskset', ['-c', `${core}`, command, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  given.defer(async () => {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  });
  return child;
}

function pinned(core: number, command: string, args: readonly string[]) {
  return run('taskset', ['-c', `${core}`, command, ...args]);
}

async function requests(connections: number, more: readonly string[]) {
  const args = ['-t1', `-c${connections}`, `-d${SECONDS}s`, '--latency', ...more];
  const { stdout } = await pinned(0, 'wrk', [...args, `http://${front}:8080/`]);
  const [, count = '0', elapsed = '0s'] = /(\d+) requests in ([\d.]+s)/.exec(stdout) ?? [];
  const [, p99 = ''] = /99%\s+(\S+)/.exec(stdout) ?? [];
  const failed = /Socket errors: (.*)/.exec(stdout)?.[1];
  return {
    rate: Number(count) / Number.parseFloat(elapsed),
    units: Number(count),
    p99Ms: Number.parseFloat(p99) * (p99.endsWith('us') ? 0.001 : p99.endsWith('ms') ? 1 : 1000),
    ...(failed && { failed }),
  };
}

/** Adds what the balancer's process used the processor for. */
async function measured<T extends { rate: number }>(work: () => Promise<T>) {
  const before = await cpuSeconds();
  const result = await work();
  return { ...result, cpuSeconds: (await cpuSeconds()) - before };
}

async function cpuSeconds(): Promise<number> {
  if (!balancer) return 0;
  const stat = await readFile(`/proc/${balancer.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function answers(host: string, port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = connect({ host, port });
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.on('error', () => {}).destroy();
    if (answered) return;
    await delay(50);
  }
  throw new Error(`nobody listens at ${host}:${port}`);
}

function program(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
