import { styleText } from 'node:util';
import type { SessionStep } from '../../engine/index.ts';
import { formatElapsed } from '../duration.ts';
import type { Output } from '../io.ts';
import { formatSize } from '../../engine/index.ts';
import { servicesOf, type ProgressState, type Transfer } from './progress-state.ts';

export interface FrameOptions {
  readonly nowMs: number;
  /** Lines are cut there: a wrapped line would break the redrawing. */
  readonly columns: number;
  /** Decides about colours. */
  readonly stream: Output;
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** The whole display of a session at one moment, one string a line. */
export function renderFrame(state: ProgressState, options: FrameOptions): readonly string[] {
  const { session } = state;
  if (!session) return [];
  const { pod, container, route, diagnostic } = session.spec;
  const services = servicesOf(state);
  const facts = [
    services.length > 0 ? `out of ${services.join(', ')}` : 'no Service sends it traffic',
    `route ${route}`,
    ...(diagnostic === 'none' ? [] : [`diagnostic ${diagnostic}`]),
  ];
  return [
    `Pit stop of pod ${session.metadata.namespace}/${pod} (${container})`,
    `  ${facts.join(' · ')}`,
    ...session.status.steps.map((step) => stepLine(step, state.bytes, options)),
    ...session.status.warnings.map((warning) => `  ! ${warning}`),
  ].map((line) => colour(cut(line, options.columns), options.stream));
}

function stepLine(step: SessionStep, bytes: Transfer | undefined, { nowMs }: FrameOptions): string {
  const end = step.finishedAt ? Date.parse(step.finishedAt) : nowMs;
  const elapsed = step.startedAt
    ? formatElapsed(Math.max(0, end - Date.parse(step.startedAt)))
    : '';
  const running = step.state === 'running' && bytes?.step === step.name && bytes.doneBytes > 0;
  const words = [step.message, running && describeTransfer(bytes)];
  const message = words.filter(Boolean).join('  ');
  return `  ${mark(step, nowMs)} ${step.name.padEnd(8)} ${elapsed.padStart(7)}  ${message}`.trimEnd();
}

function mark({ state }: SessionStep, nowMs: number): string {
  switch (state) {
    case 'pending':
      return '·';
    case 'running':
      return spinner[Math.floor(nowMs / 100) % spinner.length] ?? '⠋';
    case 'done':
      return '✓';
    case 'failed':
      return '✗';
    case 'skipped':
      return '-';
  }
}

/** `40.0 MiB of 223.9 MiB (18%), 80.0 MiB/s`. */
export function describeTransfer({ doneBytes, totalBytes, bytesPerSecond }: Transfer): string {
  const percent = totalBytes
    ? ` of ${formatSize(totalBytes)} (${Math.floor((doneBytes / totalBytes) * 100)}%)`
    : '';
  const rate = bytesPerSecond ? `, ${formatSize(Math.round(bytesPerSecond))}/s` : '';
  return `${formatSize(doneBytes)}${percent}${rate}`;
}

/** Shortens a line to fit: a wrapped line would break the redrawing. */
export function cut(text: string, columns: number): string {
  const line = text.replaceAll('\n', ' ');
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
}

const colours = { '✓': 'green', '✗': 'red', '!': 'yellow', '·': 'gray', '-': 'gray' } as const;

function colour(line: string, stream: Output): string {
  const sign = line[2] as keyof typeof colours;
  if (!line.startsWith('  ') || colours[sign] === undefined) return line;
  return `  ${styleText(colours[sign], sign, { stream })}${line.slice(3)}`;
}
