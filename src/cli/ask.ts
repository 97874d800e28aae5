import { createInterface } from 'node:readline/promises';
import type { Io } from './io.ts';

/** Whether there is somebody to ask: both the question and the answer need a terminal. */
export function canAsk({ stdin, stderr }: Io): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** Asks on stderr; anything but y or yes is a no. */
export async function confirm(io: Io, question: string): Promise<boolean> {
  const lines = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: io.signal });
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
