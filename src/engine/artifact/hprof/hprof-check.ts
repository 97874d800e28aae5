import { truncated, type FormatCheck } from '../format-check.ts';
import { hprofFindings } from './hprof-findings.ts';
import { createDump, readRecords, tag } from './records.ts';
import { createSeam } from './seam.ts';

/**
 * Walks a heap dump of a JVM: header, every record, every sub-record of the heap. Any truncation and
 * any garbage in the structure is found.
 */
export function createHprofCheck(): FormatCheck {
  const dump = createDump();
  const seam = createSeam((data, offset) => readRecords(dump, data, offset));
  return {
    write: (chunk) => seam.write(chunk),
    end() {
      const size = seam.sizeBytes();
      const { idSize, heap, hasHeap, lastTag, recordStart } = dump;
      const isInside = heap !== undefined && heap.endOffset !== Infinity;
      if (idSize === 0 || isInside || !seam.isClosed()) {
        throw truncated(
          'HPROF',
          `it ends inside the record that began at byte ${recordStart},`,
          size,
        );
      }
      if (!hasHeap) throw truncated('HPROF', 'it ends before any heap', size);
      // Dumps in segments say where they end; only the old single record says its length.
      if (lastTag !== tag.heapEnd && lastTag !== tag.heapDump) {
        throw truncated('HPROF', 'it ends without the end of the heap', size);
      }
    },
    findings: (top) => hprofFindings(dump, top),
  };
}
