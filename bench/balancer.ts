import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, report } from './support/measure.ts';

// The Service data plane against haproxy (TCP mode, one thread): client and endpoints on one core,
// what balances on the other, each round in a network namespace of its own.
const run = promisify(execFile);
const ROUNDS = Number(process.argv[2] ?? 5);
const round = fileURLToPath(new URL('./support/balancer/round.ts', import.meta.url));

interface Work {
  readonly rate: number;
  readonly p99Ms?: number;
  readonly cpuSeconds: number;
  readonly units: number;
}

interface Round {
  readonly keepAlive: Work;
  readonly newConnections: Work;
  readonly bulk: Work;
  readonly rssMb: number;
}

if (!(await isInstalled('wrk', '-v'))) {
  throw new Error('this benchmark needs wrk to make requests: apt-get install wrk');
}
const hasHaproxy = await isInstalled('haproxy', '-v');
if (!hasHaproxy) {
  process.stdout.write(
    'haproxy is not installed: nothing to compare with, and the endpoints are the slower ones of Node\n',
  );
}
const variants = ['direct', ...(hasHaproxy ? ['haproxy'] : []), 'pitstop'];
const rounds = new Map<string, Round[]>(variants.map((variant) => [variant, []]));
for (let count = 0; count < ROUNDS; count += 1) {
  for (const variant of variants) rounds.get(variant)?.push(await play(variant));
}

report(
  `three endpoints behind one Service, medians of ${ROUNDS} rounds`,
  variants.map((variant) => line(variant, rounds.get(variant) ?? [])),
);
if (hasHaproxy) report('pitstop to haproxy, medians of the rounds', ratios());

async function play(variant: string): Promise<Round> {
  const inside = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];
  const endpoints = hasHaproxy ? 'haproxy' : 'node';
  const args = [...inside, process.execPath, round, variant, endpoints];
  const { stdout } = await run('unshare', args, { timeout: 60_000 });
  return JSON.parse(stdout) as Round;
}

async function isInstalled(command: string, argument: string): Promise<boolean> {
  return run(command, [argument]).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

function line(variant: string, played: readonly Round[]): string {
  const of = (value: (each: Round) => number) => median(played.map(value));
  return [
    variant.padEnd(8),
    `${of(({ keepAlive }) => keepAlive.rate).toFixed(0)} requests/s`,
    `(p99 ${of(({ keepAlive }) => keepAlive.p99Ms ?? 0).toFixed(1)} ms),`,
    `${of(({ newConnections }) => newConnections.rate).toFixed(0)} connections/s`,
    `(p99 ${of(({ newConnections }) => newConnections.p99Ms ?? 0).toFixed(1)} ms),`,
    `${of(({ bulk }) => bulk.rate).toFixed(0)} MB/s,`,
    `RSS ${of(({ rssMb }) => rssMb).toFixed(0)} MB;`,
    `CPU ${of(({ keepAlive }) => perUnit(keepAlive) * 1e6).toFixed(1)} us/request,`,
    `${of(({ newConnections }) => perUnit(newConnections) * 1e6).toFixed(0)} us/connection,`,
    `${of(({ bulk }) => perUnit(bulk)).toFixed(2)} s/GB`,
  ].join(' ');
}

function perUnit({ cpuSeconds, units }: Work): number {
  return cpuSeconds / units;
}

/** Of each round's own pair: what else the machine did was the same for both, nearly. */
function ratios(): string[] {
  const kinds = ['keepAlive', 'newConnections', 'bulk'] as const;
  const [ours, theirs] = [rounds.get('pitstop') ?? [], rounds.get('haproxy') ?? []];
  return kinds.map((kind) => {
    const ratio = (value: (work: Work) => number) =>
      median(ours.map((each, index) => value(each[kind]) / value(theirs[index]![kind])));
    const rate = ratio(({ rate }) => rate).toFixed(2);
    return `${kind.padEnd(15)} ${rate} of its rate, ${ratio(perUnit).toFixed(2)} of its CPU time`;
  });
}
