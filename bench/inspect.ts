import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createHprofCheck } from '../src/engine/artifact/hprof/hprof-check.ts';
import { inspectFile } from '../src/engine/artifact/inspect.ts';
import { highWaterMark } from '../test/support/high-water-mark.ts';
import { makeHeapDump } from './support/heap-dump.ts';
import { median, report, seconds, takeTurns } from './support/measure.ts';

const ROUNDS = 3;
const ORDERS = 300_000;
const cli = fileURLToPath(new URL('../bin/kubectl-pitstop.js', import.meta.url));

const directory = await mkdtemp(join(tmpdir(), 'pitstop-bench-'));
try {
  const file = join(directory, 'heap.hprof');
  const megabytes = (await makeHeapDump(directory, 'heap.hprof', ORDERS)) / 1e6;

  const content = await readFile(file);

  let peakKiB = 0;
  const results = await takeTurns(
    {
      'pitstop inspect': () =>
        seconds(async () => {
          peakKiB = Math.max(peakKiB, await run(process.execPath, [cli, 'inspect', file]));
        }),
      'the walk and its SHA-256': () => seconds(() => inspectFile(file)),
      'the walk alone, from memory': () => seconds(() => walk(content)),
      sha256sum: () => seconds(() => run('sha256sum', [file])),
      cat: () => seconds(() => run('cat', [file])),
    },
    ROUNDS,
  );
  const cpuOf = async (work: () => unknown): Promise<string> => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return `${((1e6 * megabytes) / (user + system)).toFixed(0)} MB for a second of CPU`;
  };
  const peer = median(results['sha256sum'] ?? []);
  report(`A heap dump of ${megabytes.toFixed(0)} MB, read to its end`, [
    ...Object.entries(results).map(([name, times]) => {
      const took = median(times);
      return `${name.padEnd(30)} ${took.toFixed(2)} s  ${(megabytes / took).toFixed(0)} MB/s  ${(peer / took).toFixed(2)} x sha256sum`;
    }),
    `the walk and its SHA-256: ${await cpuOf(() => inspectFile(file))}`,
    `the walk alone: ${await cpuOf(() => walk(content))}`,
    `SHA-256 alone: ${await cpuOf(() => createHash('sha256').update(content).digest())}`,
    `pitstop inspect: ${Math.round(peakKiB / 1024)} MiB of memory at most`,
  ]);
} finally {
  await rm(directory, { recursive: true, force: true });
}

/** In pieces as they come over a network. */
function walk(content: Buffer): void {
  const check = createHprofCheck();
  for (let at = 0; at < content.length; at += 65_536)
    check.write(content.subarray(at, at + 65_536));
  check.end();
}

/** Runs a program to its end; answers the most memory that it was seen with, in KiB. */
async function run(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let peakKiB = 0;
  const watch = setInterval(() => {
    peakKiB = Math.max(peakKiB, highWaterMark(child.pid));
  }, 20);
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(watch);
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return peakKiB;
}
