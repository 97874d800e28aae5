import { createInterface } from 'node:readline';
import { plural, type AskOnDrainTimeout, type DrainAnswer } from '../engine/index.ts';
import type { Io } from './io.ts';
import type { Progress } from './render/progress.ts';

const answers: Readonly<Record<string, DrainAnswer>> = {
  p: 'proceed',
  proceed: 'proceed',
  w: 'wait',
  wait: 'wait',
  r: 'restore',
  restore: 'restore',
};

/** Asks on the terminal what to do with connections that stay open; undefined where nobody can answer. */
export function drainQuestion(
  io: Io,
  progress: Pick<Progress, 'hold'>,
): AskOnDrainTimeout | undefined {
  if (!io.stdin.isTTY || !io.stderr.isTTY) return undefined;
  return async ({ pod, openConnections, peers, waitedMs, signal }) => {
    using held = progress.hold();
    void held;
    const seconds = Math.round(waitedMs / 1000);
    io.stderr.write(
      `\n${plural(openConnections, 'connection')} to ${pod} still open after ${seconds} s: ${peers}\n` +
        '[p]roceed with them open, [w]ait as long again, or [r]estore the Pod? ',
    );
    return await readAnswer(io, signal);
  };
}

/** Lines, not raw keys: Ctrl-C stays the signal that everybody else listens to. */
async function readAnswer(io: Io, signal: AbortSignal): Promise<DrainAnswer> {
  const lines = createInterface({ input: io.stdin, terminal: false });
  const { promise, resolve, reject } = Promise.withResolvers<DrainAnswer>();
  const onAbort = () => {
    io.stderr.write('\n');
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort);
  lines.on('line', (line) => {
    const answer = answers[line.trim().toLowerCase()];
    if (answer) resolve(answer);
    else io.stderr.write('p, w or r? ');
  });
  // Nobody there any more to answer: as without a terminal.
  lines.on('close', () => resolve('restore'));
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    lines.close();
    io.stdin.pause();
  }
}
