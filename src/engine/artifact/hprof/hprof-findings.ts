import { formatCount, formatSize, plural } from '../../words.ts';
import { rank, type Findings, type FindingsTable } from '../findings.ts';
import { histogram } from './histogram.ts';
import type { MemoryModel } from './memory-model.ts';
import type { Population } from './population.ts';
import type { Symbols } from './symbols.ts';
import { readableName } from './values.ts';

/** What a heap dump tells, as far as it was read. */
export function hprofFindings(
  {
    population,
    symbols,
    version,
    idSize,
    takenAtMs,
  }: {
    readonly population: Population;
    readonly symbols: Symbols;
    readonly version: string;
    readonly idSize: number;
    readonly takenAtMs: number;
  },
  top: number,
): Findings {
  const model = population.evidence.derive(idSize);
  const rows = histogram(population, model, {
    idSize,
    className: symbols.className,
    fieldName: symbols.nameOf,
  });
  const classes = rank(rows, {
    title: 'Classes by shallow size',
    noun: 'class',
    unit: 'bytes',
    top,
  });
  const strings = rows.find(({ name }) => name === 'java.lang.String')?.count ?? 0;
  const objects = formatCount(classes.total.count ?? 0);
  return {
    facts: [
      `${objects} objects of ${formatCount(population.classes.size())} classes, ${formatSize(classes.total.value)}`,
      `${formatCount(strings)} strings, ${plural(population.threads.length, 'thread')}`,
      `HPROF ${version}, identifiers of ${idSize} bytes; ${describe(model)}`,
      `taken ${isoTime(takenAtMs)}`,
    ],
    tables: [classes, ...frames(population, symbols, top)],
  };
}

function frames(population: Population, symbols: Symbols, top: number): FindingsTable[] {
  const counts = new Map<string, number>();
  for (const trace of population.threads) {
    const frame = symbols.topOf(trace);
    if (frame === undefined) continue;
    const name = readableName(frame);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const rows = [...counts].map(([name, value]) => ({ name, value }));
  return [rank(rows, { title: 'Where threads are', noun: 'top frame', unit: 'count', top })];
}

function describe({ headerBytes, referenceBytes, alignment }: MemoryModel): string {
  return [
    `in memory headers of ${headerBytes} bytes, references of ${referenceBytes}`,
    ...(alignment === 8 ? [] : [`objects aligned to ${alignment}`]),
  ].join(', ');
}

function isoTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? 'at no valid time' : time.toISOString();
}
