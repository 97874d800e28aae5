import type { Reporter, TestModule } from 'vitest/node';
import { leftOut } from '../left-out.ts';
import { sigOf, targets } from './targets.ts';

interface Count {
  passed: number;
  failed: number;
  leftOut: number;
  total: number;
}

/**
 * Ends the run with a table by SIG and class (passed, failed, left out, of how many) and the line
 * `N passed, N failed, N skipped`.
 */
export default class BySig implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const states = new Map<string, string>();
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state] += 1;
        states.set(test.name, state);
      }
    }
    const { passed, failed, skipped, pending } = counts;
    const lines = [
      ...table(states),
      '',
      ...[...leftOut]
        .filter(([name]) => (states.get(name) ?? 'skipped') === 'skipped')
        .map(([name, reason]) => `left out: ${name}: ${reason}`),
      '',
      `${passed} passed, ${failed + pending} failed, ${skipped} skipped`,
    ];
    process.once('exit', () => process.stdout.write(`\n${lines.join('\n')}\n`));
  }
}

function table(states: ReadonlyMap<string, string>): string[] {
  const rows = new Map<string, Count>();
  for (const { class: kind, name } of targets) {
    for (const key of [`${sigOf(name)}\t${kind}`, `all\t${kind}`]) {
      const count = rows.get(key) ?? { passed: 0, failed: 0, leftOut: 0, total: 0 };
      const state = states.get(name);
      count.total += 1;
      if (state === 'passed') count.passed += 1;
      if (state === 'failed' || state === 'pending') count.failed += 1;
      if (leftOut.has(name) && (state ?? 'skipped') === 'skipped') count.leftOut += 1;
      rows.set(key, count);
    }
  }
  const touched = [...rows].filter(([, row]) => row.passed + row.failed + row.leftOut > 0);
  const sorted = touched.toSorted(([a], [b]) => rank(a).localeCompare(rank(b)));
  return [
    line(['SIG', 'CLASS', 'PASSED', 'FAILED', 'LEFT OUT', 'OF']),
    ...sorted.map(([key, row]) =>
      line([...key.split('\t'), row.passed, row.failed, row.leftOut, row.total]),
    ),
  ];
}

/** By class first, A and P before the others, and the sum of a class after its SIGs. */
function rank(key: string): string {
  const [sig, kind] = key.split('\t');
  return `${'APNWGCX'.indexOf(kind!)} ${sig === 'all' ? '~' : sig}`;
}

function line(cells: readonly (string | number)[]): string {
  const widths = [22, 8, 9, 9, 11, 4];
  return cells
    .map((cell, index) => String(cell).padEnd(widths[index]!))
    .join('')
    .trimEnd();
}
