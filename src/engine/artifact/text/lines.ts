import type { FormatCheck } from '../format-check.ts';

/** The rest of a longer line is not looked at. */
const longestLineBytes = 64 * 1024;

/** A check that reads text line by line; `end` is told whether the last line was ended. */
export function createLineCheck({
  line,
  end,
  findings,
}: {
  readonly line: (text: string) => void;
  readonly end: (about: { readonly sizeBytes: number; readonly isLineEnded: boolean }) => void;
  readonly findings: FormatCheck['findings'];
}): FormatCheck {
  let rest: Buffer = Buffer.alloc(0);
  let sizeBytes = 0;
  let isLineEnded = true;
  return {
    write(chunk) {
      sizeBytes += chunk.length;
      const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      let from = 0;
      for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, from)) {
        line(data.toString('utf8', from, Math.min(at, from + longestLineBytes)).replace(/\r$/, ''));
        from = at + 1;
      }
      rest = Buffer.from(data.subarray(from, from + longestLineBytes));
      isLineEnded = from === data.length;
    },
    end() {
      if (rest.length > 0) line(rest.toString('utf8'));
      end({ sizeBytes, isLineEnded });
    },
    findings,
  };
}
