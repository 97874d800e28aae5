import { styleText } from 'node:util';
import { formatCount, formatSize, type FindingsTable } from '../../engine/index.ts';
import type { Output } from '../io.ts';

interface BarOptions {
  readonly stream: Output;
  /** Columns that the caller puts in front of each line. */
  readonly indent: number;
}

const widestBar = 24;
const narrowestBar = 8;
const narrowestName = 16;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/**
 * A table of findings as a bar chart: the largest row's bar is the longest. On a terminal it fits the
 * columns, and long names lose their beginning; elsewhere it is plain ASCII with whole names.
 */
export function barLines(
  { title, noun, unit, rows, total, length }: FindingsTable,
  { stream, indent }: BarOptions,
): readonly string[] {
  const columns = stream.isTTY && stream.columns ? stream.columns : undefined;
  const counts = rows.some(({ count }) => count !== undefined);
  const largest = Math.max(1, ...rows.map(({ value }) => value));
  const heads = [unitHead[unit], 'SHARE', ...(counts ? ['COUNT'] : [])];
  const cells = rows.map(({ value, count }) => [
    formatValue(value, unit),
    total.value > 0 ? `${((100 * value) / total.value).toFixed(1)}%` : '',
    ...(counts ? [formatCount(count ?? 0)] : []),
  ]);
  const widths = heads.map((head, at) =>
    Math.max(head.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const numbers = (line: readonly string[]): string =>
    line.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  ');
  const used = indent + widths.reduce((sum, width) => sum + width + 2, 0) + 2;
  const names = Math.max(noun.length, ...rows.map(({ name }) => name.length));
  const free = columns === undefined ? Infinity : columns - used;
  const barWidth = Math.max(narrowestBar, Math.min(widestBar, free - names));
  const nameWidth = Math.max(narrowestName, free - barWidth);

  const heading = `${styleText('bold', title, { stream })}${restOf(rows.length, length)}`;
  const head = `${numbers(heads)}  ${' '.repeat(barWidth)}  ${noun.toUpperCase()}`;
  const lines = rows.map(({ name, value }, at) => {
    const bar = drawBar(value / largest, barWidth, columns !== undefined);
    const shown = styleText('cyan', bar, { stream });
    const label = name.length > nameWidth ? `…${name.slice(1 - nameWidth)}` : name;
    return `${numbers(cells[at] ?? [])}  ${shown}  ${label}`;
  });
  return [heading, head, ...lines];
}

const unitHead = { bytes: 'SIZE', count: 'COUNT', nanoseconds: 'TIME' } as const;

function formatValue(value: number, unit: FindingsTable['unit']): string {
  switch (unit) {
    case 'bytes':
      return formatSize(value);
    case 'count':
      return formatCount(value);
    case 'nanoseconds':
      return formatNanoseconds(value);
  }
}

function formatNanoseconds(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} s`;
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)} ms` : `${(value / 1e3).toFixed(0)} µs`;
}

function drawBar(share: number, width: number, isTerminal: boolean): string {
  if (!isTerminal) return '#'.repeat(Math.round(share * width)).padEnd(width);
  const steps = Math.round(share * width * 8);
  return `${'█'.repeat(Math.floor(steps / 8))}${eighths[steps % 8] ?? ''}`.padEnd(width);
}

function restOf(shown: number, length: number): string {
  return shown < length ? ` (${formatCount(shown)} of ${formatCount(length)})` : '';
}
