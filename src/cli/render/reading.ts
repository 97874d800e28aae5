import { formatSize } from '../../engine/index.ts';
import type { ProgressMode } from '../flags.ts';
import type { Io } from '../io.ts';
import { cut } from './frame.ts';

interface Reading extends Disposable {
  readonly onProgress: (doneBytes: number, totalBytes: number | undefined) => void;
}

/** Less than this is read before anyone could read about it. */
const worthShowingBytes = 64 * 1024 * 1024;

/** How far a large file has been read, on stderr: one line that is drawn anew, or one every 10 s. */
export function openReading(
  { stderr }: Io,
  { mode, path }: { readonly mode: ProgressMode; readonly path: string },
): Reading {
  const isTerminal = mode === 'tty' || (mode === 'auto' && stderr.isTTY === true);
  const startedAt = performance.now();
  let shownAt = startedAt;
  let isShown = false;
  const show = (doneBytes: number, totalBytes: number | undefined, now: number): void => {
    const rate = formatSize(Math.round((doneBytes / (now - startedAt)) * 1000));
    const of = totalBytes === undefined ? '' : ` of ${formatSize(totalBytes)}`;
    const line = `${path}: ${formatSize(doneBytes)}${of} read, ${rate}/s`;
    if (isTerminal) stderr.write(`\r\u001b[2K${cut(line, stderr.columns ?? 80)}`);
    else if (mode === 'json') {
      const progress = { type: 'progress', path, doneBytes, totalBytes };
      stderr.write(`${JSON.stringify(progress)}\n`);
    } else stderr.write(`${line}\n`);
    isShown = true;
  };
  return {
    onProgress(doneBytes, totalBytes) {
      if (mode === 'none' || (totalBytes ?? Infinity) < worthShowingBytes) return;
      const now = performance.now();
      if (now - shownAt < (isTerminal ? 100 : 10_000)) return;
      shownAt = now;
      show(doneBytes, totalBytes, now);
    },
    [Symbol.dispose]() {
      if (isShown && isTerminal) stderr.write('\r\u001b[2K');
    },
  };
}
