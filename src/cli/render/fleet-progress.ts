import type { Emit } from '../../engine/index.ts';
import type { ProgressMode } from '../flags.ts';
import type { Io } from '../io.ts';
import { plainLines, plainStart } from './plain-lines.ts';
import { noProgress, reduceProgress } from './progress-state.ts';
import { openProgress } from './progress.ts';

/** Progress of several sessions: a listener for each Pod's. */
export interface FleetProgress extends AsyncDisposable {
  readonly listen: (pod: string) => Emit;
  readonly say: (line: string) => void;
  readonly hold: () => Disposable;
}

/** One frame serves sessions in turn; of several at once even a terminal gets lines, each with its Pod. */
export async function openFleetProgress(
  io: Io,
  { mode, atOnce }: { readonly mode: ProgressMode; readonly atOnce: number },
): Promise<FleetProgress> {
  if (atOnce === 1 || mode === 'none') {
    const progress = await openProgress(io, { mode });
    return {
      listen: () => progress.onEvent,
      say: progress.say,
      hold: progress.hold,
      [Symbol.asyncDispose]: () => progress[Symbol.asyncDispose](),
    };
  }
  return {
    listen: (pod) => (mode === 'json' ? jsonLines(io, pod) : prefixedLines(io, pod)),
    say: (line) => {
      if (mode !== 'json') io.stderr.write(`${line}\n`);
    },
    hold: () => ({ [Symbol.dispose]: () => {} }),
    [Symbol.asyncDispose]: async () => {},
  };
}

function jsonLines(io: Io, pod: string): Emit {
  return (event) => io.stderr.write(`${JSON.stringify({ pod, ...event })}\n`);
}

function prefixedLines(io: Io, pod: string): Emit {
  let progress = noProgress;
  let plain = plainStart;
  return (event) => {
    progress = reduceProgress(progress, event);
    const { state, lines } = plainLines(plain, event, progress);
    plain = state;
    for (const line of lines) io.stderr.write(`${pod}: ${line}\n`);
  };
}
