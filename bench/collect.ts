import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startBox } from './support/box.ts';
import { benchCluster } from './support/cluster.ts';
import { makeHeapDump } from './support/heap-dump.ts';
import { median, report } from './support/measure.ts';
import { inOwnNetwork, shape } from './support/own-network.ts';

// node bench/collect.ts [THOUSANDS OF ORDERS] [LINK...]: 700 make a dump of 1.1 GB.
const orders = Number(process.argv[2] ?? 700) * 1000;
const canShape = await inOwnNetwork();
const links = process.argv.length > 3 ? process.argv.slice(3) : ['loopback', '1gbit', '100mbit'];
const cli = fileURLToPath(new URL('../bin/kubectl-pitstop.js', import.meta.url));

await using bench = await benchCluster();
const { directory, cluster } = bench;
const bytes = await makeHeapDump(directory, 'heap.hprof', orders);
// The same bytes but the first, so that nobody takes them for a heap dump and walks through.
copyFileSync(join(directory, 'heap.hprof'), join(directory, 'heap.bin'));
const spoilt = openSync(join(directory, 'heap.bin'), 'r+');
writeSync(spoilt, '-', 0);
closeSync(spoilt);
await startBox(bench);
const state = readFileSync(join(cluster.directory, 'state.json'), 'utf8');
const { node } = JSON.parse(state) as { node: { pid: number } };
const local = join(directory, 'home');

interface Run {
  readonly seconds: number;
  /** Seconds of CPU time: of the client; of the node; of what ran in the container. */
  readonly cpu: readonly [client: number, node: number, container: number];
}

/** CPU seconds of the node, and of the children that it has waited for. */
function nodeCpu(): [number, number] {
  const line = readFileSync(`/proc/${node.pid}/stat`, 'latin1');
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = (at: number) => ((fields[at] ?? 0) + (fields[at + 1] ?? 0)) / 100;
  return [ticks(11), ticks(13)];
}

async function fetch(command: readonly string[], toStdout = false): Promise<Run> {
  await rm(local, { force: true });
  const out = toStdout ? openSync(local, 'w') : 'ignore';
  const before = nodeCpu();
  const child = spawn(
    'bash',
    ['-c', 'TIMEFORMAT="%R %U %S"; time "$@" 2>"$0"', join(directory, 'said'), ...command],
    {
      stdio: ['ignore', out, 'pipe'],
      env: { ...process.env, KUBECONFIG: cluster.kubeconfigPath },
    },
  );
  const [said, [code]] = await Promise.all([
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit') as Promise<[number]>,
  ]);
  if (typeof out === 'number') closeSync(out);
  if (code !== 0) {
    const why = readFileSync(join(directory, 'said'), 'utf8');
    throw new Error(`${command.join(' ')} ended with ${code}: ${why}`);
  }
  const { size } = await stat(local);
  if (size !== bytes) throw new Error(`${command.join(' ')} brought ${size} of ${bytes} bytes`);
  const after = nodeCpu();
  const [real = 0, user = 0, system = 0] = said.trim().split(/\s+/).map(Number);
  return { seconds: real, cpu: [user + system, after[0] - before[0], after[1] - before[1]] };
}

const collect = (file: string, ...more: readonly string[]) => [
  process.execPath,
  cli,
  'collect',
  'box',
  file,
  '--progress=none',
  '-O',
  local,
  ...more,
];
/** What it takes to know that kubectl's copy is whole. */
const compared = `
kubectl cp box:/data/heap.hprof "$1"
there=$(kubectl exec box -- openssl dgst -sha256 -r /data/heap.hprof)
here=$(openssl dgst -sha256 -r "$1")
[ "\${there%% *}" = "\${here%% *}" ]`;
const ways: Readonly<Record<string, () => Promise<Run>>> = {
  'kubectl cp': () => fetch(['kubectl', 'cp', 'box:/data/heap.hprof', local]),
  '… and SHA-256 by openssl': () => fetch(['bash', '-ec', compared, 'bash', local]),
  'pitstop collect': () => fetch(collect('/data/heap.bin')),
  '… and the dump walked through': () => fetch(collect('/data/heap.hprof')),
  '… --compress=none': () => fetch(collect('/data/heap.bin', '--compress=none')),
  '… --compress=zstd': () => fetch(collect('/data/heap.bin', '--compress=zstd')),
  '… --compress=gzip': () => fetch(collect('/data/heap.bin', '--compress=gzip')),
  'kubectl exec cat': () => fetch(['kubectl', 'exec', 'box', '--', 'cat', '/data/heap.bin'], true),
};
const roundsOf: Readonly<Record<string, number>> = { loopback: 3, '1gbit': 2 };

for (const link of links) {
  if (link !== 'loopback') {
    if (!canShape) continue;
    shape(link);
  }
  const isSlow = link === '100mbit';
  const results = new Map<string, Run[]>();
  for (let round = 0; round < (roundsOf[link] ?? 1); round += 1) {
    for (const [name, run] of Object.entries(ways)) {
      // On a slow link what is not compressed tells nothing that kubectl has not told.
      if (isSlow && /none|cat|openssl/.test(name)) continue;
      results.set(name, [...(results.get(name) ?? []), await run()]);
    }
  }
  if (link !== 'loopback') shape(undefined);
  const middle = (name: string) => median((results.get(name) ?? []).map((run) => run.seconds));
  const peer = middle('kubectl cp');
  report(
    `${(bytes / 1e6).toFixed(0)} MB of heap dump over ${link}; pitstop also agrees on its SHA-256`,
    [...results].map(([name, runs]) => {
      const took = middle(name);
      const cpu = [0, 1, 2].map((at) => median(runs.map((run) => run.cpu[at] ?? 0)).toFixed(1));
      const ratio = `${(took / peer).toFixed(2)} of kubectl cp`;
      return `${name.padEnd(30)} ${took.toFixed(2)} s  ${(bytes / 1e6 / took).toFixed(0)} MB/s  ${ratio}; CPU s of client, node, container: ${cpu.join(', ')}`;
    }),
  );
}
