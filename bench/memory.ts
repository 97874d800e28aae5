import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { highWaterMark } from '../test/support/high-water-mark.ts';
import { startBox } from './support/box.ts';
import { benchCluster } from './support/cluster.ts';
import { makeHeapDump } from './support/heap-dump.ts';
import { report } from './support/measure.ts';

// node bench/memory.ts [GIGABYTES]: the client's memory while a large file goes to whoever takes only
// 100 MB/s of it, where a client without backpressure holds the whole file; and to a disk.
const bytes = Number(process.argv[2] ?? 4) * 1e9;
const BYTES_A_MS = 100_000;
const cli = fileURLToPath(new URL('../bin/kubectl-pitstop.js', import.meta.url));

await using bench = await benchCluster();
const { directory, cluster } = bench;
await makeBigFile(join(directory, 'big.bin'));
await startBox(bench);

const collect = [process.execPath, cli, 'collect', 'box', '/data/big.bin', '--progress=none', '-O'];
const local = join(directory, 'home.bin');
const lines = [
  await measure('kubectl exec cat, slowly', [
    'kubectl',
    'exec',
    'box',
    '--',
    'cat',
    '/data/big.bin',
  ]),
  await measure('pitstop collect -O -, slowly', [...collect, '-']),
  await measure('… --compress=none', [...collect, '-', '--compress=none']),
  await measure('pitstop collect to a file', [...collect, local]),
];
report(`the client's memory for ${bytes / 1e9} GB, at most`, lines);

/** A heap dump again and again, its first byte spoilt: real bytes, and no walk. */
async function makeBigFile(path: string): Promise<void> {
  const dump = join(directory, 'heap.hprof');
  await makeHeapDump(directory, 'heap.hprof', 200_000);
  const once = readFileSync(dump);
  once[0] = 0;
  const file = openSync(path, 'w');
  for (let left = bytes; left > 0; left -= once.length)
    writeSync(file, once, 0, Math.min(left, once.length));
  closeSync(file);
  rmSync(dump);
}

async function measure(name: string, [program = '', ...args]: readonly string[]): Promise<string> {
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfigPath };
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
  const exited = once(child, 'exit') as Promise<[number]>;
  const began = performance.now();
  let peakKiB = 0;
  const watch = setInterval(() => {
    peakKiB = Math.max(peakKiB, highWaterMark(child.pid));
  }, 50);
  const taken = await takeSlowly(child.stdout, began);
  const [code] = await exited;
  clearInterval(watch);
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  // To a file, what comes on stdout is the summary.
  const brought = args.includes(local) ? statSync(local).size : taken;
  if (brought !== bytes) throw new Error(`${name} brought ${brought} of ${bytes} bytes`);
  rmSync(local, { force: true });
  const took = (performance.now() - began) / 1000;
  return `${name.padEnd(30)} ${Math.round((peakKiB * 1024) / 1e6)} MB  in ${took.toFixed(0)} s`;
}

async function takeSlowly(stream: Readable, began: number): Promise<number> {
  let taken = 0;
  for await (const chunk of stream) {
    taken += (chunk as Buffer).length;
    const early = taken / BYTES_A_MS - (performance.now() - began);
    if (early > 5) await delay(early);
  }
  return taken;
}
