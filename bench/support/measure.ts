import { cpus, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

/** Seconds that one run of `work` takes. */
export async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Of the values, the middle one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs every peer once a round, so that a busy machine is as busy for one as for the other. */
export async function takeTurns(
  peers: Readonly<Record<string, () => Promise<number>>>,
  rounds: number,
): Promise<Record<string, number[]>> {
  const results: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1)
    for (const [name, run] of Object.entries(peers)) (results[name] ??= []).push(await run());
  return results;
}

export function report(title: string, lines: readonly string[]): void {
  const load = loadavg().map((value) => value.toFixed(1));
  process.stdout.write(`${title} (${cpus().length} cores, load ${load.join(' ')})\n`);
  for (const line of lines) process.stdout.write(`  ${line}\n`);
}
