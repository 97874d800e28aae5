import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, report } from './support/measure.ts';

// The kernel's Service data plane against three rules written by hand, each round in namespaces of
// its own: three Pods answer, a fourth asks. Then how soon a change of a Service holds.
const run = promisify(execFile);
const ROUNDS = Number(process.argv[2] ?? 5);
const inside = '--user --map-root-user --net --mount --pid --fork --mount-proc --kill-child';

interface Work {
  readonly rate: number;
  /** Of client and servers, for each request. */
  readonly cpuUs: number;
}

interface Round {
  readonly keepAlive: Work;
  readonly newConnections: Work;
  readonly bulk: number;
}

for (const tool of ['wrk', 'nft']) {
  await run(tool, ['--version']).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Error(`this benchmark needs ${tool} on the PATH`);
  });
}
const variants = ['direct', 'by-hand', 'pitstop'];
const rounds = new Map<string, Round[]>(variants.map((variant) => [variant, []]));
for (let count = 0; count < ROUNDS; count += 1) {
  for (const variant of variants) rounds.get(variant)?.push((await play(variant)) as Round);
}
report(
  `three Pods behind one Service, medians of ${ROUNDS} rounds`,
  variants.map((variant) => {
    const of = (value: (round: Round) => number) => median((rounds.get(variant) ?? []).map(value));
    return [
      variant.padEnd(8),
      `kept alive ${of(({ keepAlive }) => keepAlive.rate).toFixed(0)}/s, ${of(({ keepAlive }) => keepAlive.cpuUs).toFixed(1)} µs`,
      `new ${of(({ newConnections }) => newConnections.rate).toFixed(0)}/s, ${of(({ newConnections }) => newConnections.cpuUs).toFixed(0)} µs`,
      `bulk ${of(({ bulk }) => bulk).toFixed(0)} MB/s`,
    ].join('   ');
  }),
);
report('pitstop to rules written by hand, medians of the rounds', [
  `kept alive ${ratio(({ keepAlive }) => keepAlive.rate)}, by CPU time ${ratio(({ keepAlive }) => 1 / keepAlive.cpuUs)}`,
  `new connections ${ratio(({ newConnections }) => newConnections.rate)}, by CPU time ${ratio(({ newConnections }) => 1 / newConnections.cpuUs)}`,
  `bulk ${ratio(({ bulk }) => bulk)}`,
]);

const changes = (await play('changes')) as Record<string, readonly number[]>;
report(
  'from the write of a slice to the rules in the kernel',
  Object.entries(changes).map(([what, times]) => {
    const sorted = times.toSorted((a, b) => a - b);
    const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
    return `${what.padEnd(28)} ${median(times).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  }),
);

function ratio(value: (round: Round) => number): string {
  const mine = rounds.get('pitstop') ?? [];
  const theirs = rounds.get('by-hand') ?? [];
  return median(mine.map((round, index) => value(round) / value(theirs[index]!))).toFixed(2);
}

async function play(variant: string): Promise<unknown> {
  const file = variant === 'changes' ? 'changes' : 'round';
  const program = fileURLToPath(new URL(`./support/nftables/${file}.ts`, import.meta.url));
  const args = [...inside.split(' '), process.execPath, program, variant];
  const { stdout } = await run('unshare', args, { timeout: 120_000 });
  return JSON.parse(stdout);
}
