import type { SessionEvent } from '../../engine/index.ts';
import type { ProgressMode } from '../flags.ts';
import type { Io } from '../io.ts';
import { cut, renderFrame } from './frame.ts';
import { plainLines, plainStart, type PlainState } from './plain-lines.ts';
import { wrap } from './wrap.ts';
import { noProgress, reduceProgress, type ProgressState } from './progress-state.ts';

/** Shows a session while it runs, on stderr. Disposing leaves the last frame where it is. */
export interface Progress extends AsyncDisposable {
  readonly onEvent: (event: SessionEvent) => void;
  /** A line that stays, whatever is being redrawn below it. */
  readonly say: (line: string) => void;
  /** Draws nothing until it is disposed of: the terminal is somebody else's meanwhile. */
  readonly hold: () => Disposable;
}

export interface ProgressOptions {
  readonly mode: ProgressMode;
  /** Lines under the frame that are drawn anew each time. */
  readonly footer?: () => readonly string[];
}

export async function openProgress(io: Io, options: ProgressOptions): Promise<Progress> {
  switch (choose(io, options.mode)) {
    case 'tty':
      return await openTerminal(io, options.footer ?? (() => []));
    case 'plain':
      return openPlain(io);
    case 'json':
      return {
        onEvent: (event) => io.stderr.write(`${JSON.stringify(event)}\n`),
        say: () => {},
        hold: holdNothing,
        [Symbol.asyncDispose]: async () => {},
      };
    case 'none':
      return {
        onEvent: () => {},
        say: () => {},
        hold: holdNothing,
        [Symbol.asyncDispose]: async () => {},
      };
  }
}

/** A terminal of 0 columns (some CI systems, `script`) would show nothing at all. */
function choose({ stderr }: Io, mode: ProgressMode): Exclude<ProgressMode, 'auto'> {
  if (mode !== 'auto') return mode;
  return stderr.isTTY && (stderr.columns ?? 0) > 0 ? 'tty' : 'plain';
}

function openPlain(io: Io): Progress {
  let progress: ProgressState = noProgress;
  let plain: PlainState = plainStart;
  return {
    onEvent: (event) => {
      progress = reduceProgress(progress, event);
      const { state, lines } = plainLines(plain, event, progress);
      plain = state;
      for (const line of lines) io.stderr.write(`${line}\n`);
    },
    say: (line) => io.stderr.write(`${line}\n`),
    hold: holdNothing,
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Lines that are written once need no holding back. */
function holdNothing(): Disposable {
  return { [Symbol.dispose]: () => {} };
}

async function openTerminal(io: Io, footer: () => readonly string[]): Promise<Progress> {
  const { createLogUpdate } = await import('log-update');
  const { stderr } = io;
  const display = createLogUpdate(stderr as NodeJS.WriteStream);
  let progress: ProgressState = noProgress;
  let isHeld = false;
  const draw = (): void => {
    if (isHeld) return;
    const columns = stderr.columns ?? 80;
    const frame = renderFrame(progress, { nowMs: Date.now(), columns, stream: stderr });
    const lines = [...frame, ...footer().map((line) => cut(line, columns))];
    if (lines.length === 0) display.clear();
    else display(lines.join('\n'));
  };
  const timer = setInterval(draw, 100);
  return {
    onEvent: (event) => {
      progress = reduceProgress(progress, event);
      draw();
    },
    say: (line) => {
      display.clear();
      // What is indented is quoted: commands and their output stay as they are.
      const parts = line.startsWith(' ') ? [line] : wrap(line, stderr);
      for (const part of parts) stderr.write(`${part}\n`);
      draw();
    },
    hold: () => {
      display.clear();
      isHeld = true;
      return {
        [Symbol.dispose]: () => {
          isHeld = false;
          draw();
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      draw();
      display.done();
    },
  };
}
