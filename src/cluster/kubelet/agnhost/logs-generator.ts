import { setTimeout as delay } from 'node:timers/promises';
import { milliseconds, readFlags } from './flags.ts';

const METHODS = ['GET', 'POST', 'PUT'];
const NAMESPACES = ['kube-system', 'default', 'ns'];

/** Writes lines that look like requests to stderr, spread evenly over a time. */
export async function logsGenerator(args: readonly string[]): Promise<void> {
  const flags = readFlags(args);
  const total = flags.number('log-lines-total', Number(process.env['LOGS_GENERATOR_LINES_TOTAL']));
  const duration = flags.text('run-duration', process.env['LOGS_GENERATOR_DURATION'] ?? '');
  const pause = milliseconds(duration) / total;
  if (!(total > 0) || !(pause > 0)) {
    process.stderr.write('--log-lines-total and --run-duration must be greater than 0\n');
    process.exitCode = 1;
    return;
  }
  process.once('SIGTERM', () => process.exit(0));
  for (let line = 0; line < total; line += 1) {
    process.stderr.write(`${head()} ${line} ${request()}\n`);
    await delay(pause);
  }
}

/** klog's beginning of a line. */
function head(): string {
  const [, month, day, time, fraction] =
    /^\d+-(\d+)-(\d+)T([\d:]+)\.(\d+)Z$/.exec(new Date().toISOString()) ?? [];
  return `I${month}${day} ${time}.${fraction}000 ${`${process.pid}`.padStart(7)} logs_generator.go:76]`;
}

function request(): string {
  const pod = Array.from({ length: 3 + Math.floor(Math.random() * 2) }, () =>
    String.fromCharCode(97 + Math.floor(Math.random() * 26)),
  ).join('');
  const path = `/api/v1/namespaces/${anyOf(NAMESPACES)}/pods/${pod}`;
  return `${anyOf(METHODS)} ${path} ${200 + Math.floor(Math.random() * 400)}`;
}

function anyOf(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)] ?? '';
}
