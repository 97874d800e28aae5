import { corrupt, type FormatCheck } from './format-check.ts';
import { createHeapWalk, readId, readUint32 } from './hprof-heap.ts';
import { createHprofSummary } from './hprof-summary.ts';

// hprof_b_spec.h / heapDumper.cpp: the top-level records.
const tag = {
  utf8: 0x01,
  loadClass: 0x02,
  heapDump: 0x0c,
  heapSegment: 0x1c,
  heapEnd: 0x2c,
} as const;
const knownTags = new Set([1, 2, 3, 4, 5, 6, 7, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x1c, 0x2c]);

const headerPattern = /^JAVA PROFILE 1\.0\.[12]\0/;
const headerTextBytes = 'JAVA PROFILE 1.0.2\0'.length;
const headerBytes = headerTextBytes + 12;
const recordHeaderBytes = 9;
/** Longer names than this are no class names. */
const longestNameBytes = 512;

/**
 * Walks a heap dump of a JVM: header, every record, every sub-record of the heap. Any truncation and
 * any garbage in the structure is found.
 */
export function createHprofCheck(): FormatCheck {
  const summary = createHprofSummary();
  /** One buffer for good: what is left of the last chunk, then the next one. */
  let work = Buffer.allocUnsafeSlow(512 * 1024);
  let carried = 0;
  /** Offset in the file of the first byte of `data`. */
  let base = 0;
  let data: Buffer = work;
  let at = 0;
  /** Bytes of a record's body that nobody needs to see. */
  let skip = 0;
  let idSize = 0;
  let recordStart = 0;
  /** Where the heap record that is being walked ends; 0 = outside. */
  let heapEnd = 0;
  let sawHeap = false;
  let lastTag = 0;
  const heap = createHeapWalk(summary);

  /** Consumes what it can at `at`; false = more bytes are needed. */
  function step(): boolean {
    if (idSize === 0) return readHeader();
    if (heapEnd === 0) return readRecord();
    const room = heapEnd - (base + at);
    if (room === 0) {
      heapEnd = 0;
      return true;
    }
    const walked = heap.walk(data, at, base, heapEnd);
    at = walked.at;
    skip = walked.skip;
    return walked.progressed;
  }

  function readHeader(): boolean {
    const text = data.toString('latin1', 0, Math.min(data.length, headerTextBytes));
    if (data.length < headerBytes) {
      if ('JAVA PROFILE 1.0.'.startsWith(text.slice(0, 17))) return false;
      throw corrupt('HPROF', 'no "JAVA PROFILE" header', 0);
    }
    if (!headerPattern.test(text))
      throw corrupt('HPROF', 'no "JAVA PROFILE 1.0.1" or 1.0.2 header', 0);
    idSize = readUint32(data, headerTextBytes);
    if (idSize !== 4 && idSize !== 8) {
      throw corrupt('HPROF', `identifiers of ${idSize} bytes`, headerTextBytes);
    }
    heap.setIdSize(idSize);
    summary.takenAt(Number(data.readBigUInt64BE(headerTextBytes + 4)));
    at = headerBytes;
    return true;
  }

  function readRecord(): boolean {
    if (data.length - at < recordHeaderBytes) return false;
    const kind = data[at] ?? 0;
    recordStart = base + at;
    if (!knownTags.has(kind)) {
      throw corrupt('HPROF', `unknown record 0x${kind.toString(16)}`, recordStart);
    }
    const length = readUint32(data, at + 5);
    const body = at + recordHeaderBytes;
    if (kind === tag.heapDump || kind === tag.heapSegment) {
      heapEnd = base + body + length;
      sawHeap = true;
      at = body;
    } else if (kind === tag.utf8 && length <= idSize + longestNameBytes) {
      if (data.length < body + length) return false;
      if (length < idSize) throw corrupt('HPROF', 'a name without identifier', recordStart);
      summary.name(readId(data, body, idSize), data, body + idSize, body + length);
      at = body + length;
    } else if (kind === tag.loadClass) {
      if (length !== 8 + 2 * idSize)
        throw corrupt('HPROF', 'a class record of odd size', recordStart);
      if (data.length < body + length) return false;
      summary.loadClass(readId(data, body + 4, idSize), readId(data, body + 8 + idSize, idSize));
      at = body + length;
    } else {
      at = body;
      skip = length;
    }
    lastTag = kind;
    return true;
  }

  return {
    write(chunk) {
      base += at;
      const length = carried + chunk.length;
      if (length > work.length) {
        const larger = Buffer.allocUnsafeSlow(2 * length);
        work.copy(larger, 0, 0, carried);
        work = larger;
      }
      chunk.copy(work, carried);
      data = work.subarray(0, length);
      at = 0;
      for (;;) {
        const skipped = Math.min(skip, data.length - at);
        at += skipped;
        skip -= skipped;
        if (skip > 0 || !step()) break;
      }
      work.copyWithin(0, at, length);
      carried = length - at;
    },
    end() {
      const size = base + at + carried;
      if (idSize === 0 || carried > 0 || skip > 0 || (heapEnd > 0 && heapEnd > size)) {
        throw corrupt(
          'HPROF',
          `it ends inside the record that began at byte ${recordStart},`,
          size,
        );
      }
      if (!sawHeap) throw corrupt('HPROF', 'it ends before any heap', size);
      // Dumps in segments say where they end; only the old single record says its length.
      if (lastTag !== tag.heapEnd && lastTag !== tag.heapDump) {
        throw corrupt('HPROF', 'it ends without the end of the heap', size);
      }
      return summary.lines();
    },
  };
}
