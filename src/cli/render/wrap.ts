import type { Output } from '../io.ts';

/**
 * Breaks a text at spaces where the stream is a terminal and too narrow for it. Words stay whole: a
 * path or a hash must be fit for copying. Files and pipes get one line.
 */
export function wrap(text: string, stream: Output, indent = 0): readonly string[] {
  const columns = stream.isTTY && stream.columns ? stream.columns - indent : Infinity;
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    if (line === undefined) line = word;
    else if (line.length + 1 + word.length <= columns) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line ?? ''];
}
