import { plural } from '../../words.ts';
import { rank, type FindingsRow } from '../findings.ts';
import { truncated, type FormatCheck } from '../format-check.ts';
import { readableName } from '../hprof/values.ts';
import { createLineCheck } from './lines.ts';

/** What `jmap -histo` and `jcmd GC.class_histogram` print; its last line is the total. */
export function createHistogramCheck(): FormatCheck {
  const rows: FindingsRow[] = [];
  let hasTotal = false;
  return createLineCheck({
    line(text) {
      const [, count, bytes, name] = /^\s*\d+:\s+(\d+)\s+(\d+)\s+(\S+)/.exec(text) ?? [];
      if (name !== undefined) {
        rows.push({ name: readableName(name), count: Number(count), value: Number(bytes) });
      }
      if (/^\s*Total\s+\d+\s+\d+/.test(text)) hasTotal = true;
    },
    end({ sizeBytes, isLineEnded }) {
      if (!hasTotal || !isLineEnded)
        throw truncated('class histogram', 'it ends without its total', sizeBytes);
    },
    findings: (top) => ({
      facts: [plural(rows.length, 'row')],
      tables: [rank(rows, { title: 'Classes by shallow size', noun: 'class', unit: 'bytes', top })],
    }),
  });
}

export function isHistogram(head: string): boolean {
  return /^\s*num\s+#instances\s+#bytes\s/m.test(head);
}
