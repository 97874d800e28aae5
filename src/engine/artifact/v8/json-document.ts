import type { Findings } from '../findings.ts';
import type { FormatCheck } from '../format-check.ts';
import { createJsonWalk } from './json-walk.ts';

/** Profiles are some MiB; what is larger is checked, but not summed up. */
const mostBytes = 256 * 1024 * 1024;

/** A check of a JSON document that is small enough to be read as a whole. */
export function createJsonDocumentCheck(
  format: string,
  describe: (document: unknown, top: number) => Findings,
): FormatCheck {
  const walk = createJsonWalk({ format });
  let chunks: Buffer[] | undefined = [];
  let sizeBytes = 0;
  let document: unknown;
  return {
    write(chunk) {
      walk.write(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > mostBytes) chunks = undefined;
      chunks?.push(Buffer.from(chunk));
    },
    end() {
      walk.end();
      if (chunks) document = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    },
    findings: (top) =>
      document === undefined ? { facts: [], tables: [] } : describe(document, top),
  };
}
