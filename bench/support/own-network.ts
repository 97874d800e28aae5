import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';

const INSIDE = 'PITSTOP_BENCH_NETWORK';

/**
 * Runs this very program again in a network namespace of its own, whose loopback device may be given
 * any rate. Returns false where that is not allowed, and true in the namespace; ends the outer one.
 */
export async function inOwnNetwork(): Promise<boolean> {
  if (process.env[INSIDE] !== undefined) return true;
  const isRoot = process.getuid?.() === 0;
  const unshare = ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), '--net'];
  const setUp = 'ip link set lo up && tc qdisc show dev lo >/dev/null';
  try {
    execFileSync(unshare[0] ?? '', [...unshare.slice(1), 'sh', '-c', setUp], { stdio: 'ignore' });
  } catch {
    process.stdout.write('links are not shaped: unshare --net, ip and tc are needed for it\n');
    return false;
  }
  const child = spawn(
    unshare[0] ?? '',
    [
      ...unshare.slice(1),
      'sh',
      '-c',
      'ip link set lo up && exec "$@"',
      'sh',
      process.execPath,
      ...process.execArgv,
      ...process.argv.slice(1),
    ],
    { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exit(code ?? 1);
}

/** Gives the loopback device a rate (`100mbit`), or takes it away. */
export function shape(rate: string | undefined): void {
  // A megabit link's buffer; packets of loopback are as large as 64 KiB.
  const words =
    rate === undefined
      ? 'qdisc del dev lo root'
      : `qdisc replace dev lo root tbf rate ${rate} burst 256kb latency 100ms`;
  execFileSync('tc', words.split(' '), { stdio: 'ignore' });
}
