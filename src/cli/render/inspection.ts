import { styleText } from 'node:util';
import { formatCount, formatSize, type Inspection } from '../../engine/index.ts';
import type { Output } from '../io.ts';
import { barLines } from './bars.ts';
import { wrap } from './wrap.ts';

/** What a file is and whether it is whole, what it tells, and what there is most of. */
export function renderInspection(inspection: Inspection, stream: Output): string {
  const { path, state, title, packing, sizeBytes, contentBytes, sha256, facts } = inspection;
  const packed = packing.map((each) => `, in ${each}`).join('');
  const heading = `${path === '-' ? 'stdin' : path}: ${title}${packed}, ${stateWords[state]}`;
  const colour = state === 'whole' || state === 'unknown' ? 'bold' : 'red';
  const unpacked = packing.length > 0 ? `, ${formatSize(contentBytes)} unpacked` : '';
  const lines = [
    `${formatSize(sizeBytes)} (${formatCount(sizeBytes)} bytes)${unpacked}`,
    `sha256 ${sha256}`,
    ...(inspection.problem ? [inspection.problem.message] : []),
    ...facts,
  ];
  const blocks = [
    `${styleText(colour, heading, { stream })}\n${lines
      .flatMap((line) => wrap(line, stream, 2))
      .map((line) => `  ${line}\n`)
      .join('')}`,
    ...inspection.tables.map((table) =>
      barLines(table, { stream, indent: 2 })
        .map((line) => `  ${line}\n`)
        .join(''),
    ),
  ];
  return blocks.join('\n');
}

const stateWords = {
  whole: 'whole',
  truncated: 'TRUNCATED',
  corrupt: 'CORRUPT',
  unknown: 'not looked into',
} as const;
