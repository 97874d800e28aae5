import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

// All benchmarks, one after the other: two at once would measure each other. One that cannot run
// here says what it lacks; the others go on. Given names, only those: `node bench/all.ts list watch`.
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  start: [],
  list: [],
  watch: [],
  slices: [],
  endpoints: [],
  journal: [],
  nftables: [],
  // Rounds.
  balancer: ['2'],
  'stand-in': [],
  exec: [],
  // Thousands of orders in the heap: 325 MB of dump.
  collect: ['200'],
  run: [],
  // Gigabytes.
  memory: ['1'],
  inspect: [],
  // Stops of each kind.
  isolate: ['8'],
};
const LIMIT_MS = 240_000;

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PROGRAMS);
const failed: string[] = [];
for (const name of names) {
  const args = PROGRAMS[name];
  if (!args) throw new Error(`no benchmark ${name}: ${Object.keys(PROGRAMS).join(', ')}`);
  const began = performance.now();
  const why = await run(name, args);
  const took = `${((performance.now() - began) / 1000).toFixed(0)} s`;
  if (why !== undefined) failed.push(name);
  process.stdout.write(`${name}: ${why ?? 'measured'} (${took})\n\n`);
}
if (failed.length > 0) {
  process.stdout.write(`not measured: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

async function run(name: string, args: readonly string[]): Promise<string | undefined> {
  const program = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  // A group of its own: what a benchmark has started ends with it, at the limit and at Ctrl-C.
  const child = spawn(process.execPath, ['--expose-gc', program, ...args], {
    stdio: 'inherit',
    detached: true,
  });
  const end = () => {
    try {
      process.kill(-(child.pid ?? Number.NaN), 'SIGTERM');
    } catch {
      // Ended by itself.
    }
  };
  const interrupted = () => {
    end();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  const timer = setTimeout(end, LIMIT_MS);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  process.off('SIGINT', interrupted);
  end();
  if (code === 0) return undefined;
  return signal === null
    ? `failed with ${code}`
    : `ended by ${signal}, the limit is ${LIMIT_MS / 1000} s`;
}
