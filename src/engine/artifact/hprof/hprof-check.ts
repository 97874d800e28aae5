import { corrupt, truncated, type FormatCheck } from '../format-check.ts';
import { createHeapWalk } from './heap-walk.ts';
import { hprofFindings } from './hprof-findings.ts';
import { createPopulation } from './population.ts';
import { createSymbols } from './symbols.ts';

// hprof_b_spec.h / heapDumper.cpp: the top-level records.
const tag = {
  utf8: 0x01,
  loadClass: 0x02,
  frame: 0x04,
  trace: 0x05,
  heapDump: 0x0c,
  heapSegment: 0x1c,
  heapEnd: 0x2c,
} as const;
const knownTags = new Set([1, 2, 3, 4, 5, 6, 7, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x1c, 0x2c]);

const headerPattern = /^JAVA PROFILE (1\.0\.[12])\0/;
const headerTextBytes = 'JAVA PROFILE 1.0.2\0'.length;
const headerBytes = headerTextBytes + 12;
const recordHeaderBytes = 9;
/** Longer names than this are no class names. */
const longestNameBytes = 512;
/** Deeper stacks than this are not kept: their top comes first. */
const mostTraceBytes = 64 * 1024;
/** Most records are shorter. */
const bridgeBytes = 16 * 1024;

/**
 * Walks a heap dump of a JVM: header, every record, every sub-record of the heap. Any truncation and
 * any garbage in the structure is found.
 */
export function createHprofCheck(): FormatCheck {
  /** What is left of the last chunk, then what it needs of the next one. */
  let work = Buffer.allocUnsafeSlow(2 * bridgeBytes);
  let carried = 0;
  /** Offset in the file of the first byte of `data`. */
  let base = 0;
  let data: Buffer = work;
  let view: DataView = new DataView(work.buffer);
  let at = 0;
  /** Bytes of a record's body that nobody needs to see. */
  let skip = 0;
  let version = '';
  let idSize = 0;
  let takenAtMs = 0;
  let recordStart = 0;
  /** Where the heap record that is being walked ends; 0 = outside. */
  let heapEnd = 0;
  let sawHeap = false;
  let lastTag = 0;
  const population = createPopulation(() => idSize);
  const symbols = createSymbols();
  const heap = createHeapWalk(population);

  /** Consumes what it can at `at`; false = more bytes are needed. */
  function step(): boolean {
    if (idSize === 0) return readHeader();
    if (heapEnd === 0) return readRecord();
    const room = heapEnd - (base + at);
    if (room === 0) {
      heapEnd = 0;
      return true;
    }
    // Only the single record of 1.0.1 can hold more than its 32 bits of length can say.
    const lengthMayHaveWrapped = lastTag === tag.heapDump;
    const walked = heap.walk(view, { at, base, heapEnd, lengthMayHaveWrapped });
    at = walked.at;
    skip = walked.skip;
    heapEnd = walked.heapEnd;
    return walked.progressed;
  }

  function readHeader(): boolean {
    const text = data.toString('latin1', 0, Math.min(data.length, headerTextBytes));
    if (data.length < headerBytes) {
      if ('JAVA PROFILE 1.0.'.startsWith(text.slice(0, 17))) return false;
      throw corrupt('HPROF', 'no "JAVA PROFILE" header', 0);
    }
    version = headerPattern.exec(text)?.[1] ?? '';
    if (version === '') throw corrupt('HPROF', 'no "JAVA PROFILE 1.0.1" or 1.0.2 header', 0);
    const size = view.getUint32(headerTextBytes);
    if (size !== 4 && size !== 8) {
      throw corrupt('HPROF', `identifiers of ${size} bytes`, headerTextBytes);
    }
    idSize = size;
    heap.setIdSize(idSize);
    takenAtMs = Number(view.getBigUint64(headerTextBytes + 4));
    at = headerBytes;
    return true;
  }

  function readId(from: number): number {
    return idSize === 8
      ? view.getUint32(from) * 0x100000000 + view.getUint32(from + 4)
      : view.getUint32(from);
  }

  function readRecord(): boolean {
    if (data.length - at < recordHeaderBytes) return false;
    const kind = data[at] ?? 0;
    recordStart = base + at;
    if (!knownTags.has(kind)) {
      throw corrupt('HPROF', `unknown record 0x${kind.toString(16)}`, recordStart);
    }
    const length = view.getUint32(at + 5);
    const body = at + recordHeaderBytes;
    if (kind === tag.heapDump || kind === tag.heapSegment) {
      // A dump too large for the length of the one record of 1.0.1 has 0 there, and goes to the end.
      const isEndless = kind === tag.heapDump && length === 0;
      heapEnd = isEndless ? Infinity : base + body + length;
      sawHeap = true;
      at = body;
    } else if (isKept(kind, length)) {
      if (data.length < body + length) return false;
      keep(kind, body, length);
      at = body + length;
    } else {
      at = body;
      skip = length;
    }
    lastTag = kind;
    return true;
  }

  function isKept(kind: number, length: number): boolean {
    switch (kind) {
      case tag.utf8:
        return length <= idSize + longestNameBytes;
      case tag.loadClass:
      case tag.frame:
        return true;
      case tag.trace:
        return length <= mostTraceBytes;
      default:
        return false;
    }
  }

  function keep(kind: number, body: number, length: number): void {
    const needed = { [tag.utf8]: idSize, [tag.trace]: 12 }[kind];
    const exact = { [tag.loadClass]: 8 + 2 * idSize, [tag.frame]: 8 + 4 * idSize }[kind];
    if (length < (needed ?? 0) || length !== (exact ?? length)) {
      throw corrupt('HPROF', `a record 0x${kind.toString(16)} of ${length} bytes`, recordStart);
    }
    if (kind === tag.utf8) keepName(body, body + length);
    else if (kind === tag.loadClass) {
      const nameId = readId(body + 8 + idSize);
      symbols.loadClass(readId(body + 4), { serial: view.getUint32(body), nameId });
    } else if (kind === tag.frame) {
      symbols.frame(readId(body), {
        methodId: readId(body + idSize),
        classSerial: view.getUint32(body + 4 * idSize),
      });
    } else if (kind === tag.trace && length >= 12 + idSize) {
      symbols.trace(view.getUint32(body), [readId(body + 12)]);
    }
  }

  function keepName(from: number, to: number): void {
    const text = from + idSize;
    // Method signatures and field descriptors are most of all names, and never name anything.
    const first = data[text];
    if (first === 0x28 || (first === 0x4c && data[to - 1] === 0x3b)) return;
    symbols.name(readId(from), data.toString('latin1', text, to));
  }

  /** Walks what is there of `bytes`, from `at` on. */
  function walk(bytes: Buffer): void {
    data = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (;;) {
      const skipped = Math.min(skip, data.length - at);
      at += skipped;
      skip -= skipped;
      if (skip > 0 || !step()) return;
    }
  }

  /** What is left of the last chunk, with as much of this one as it needs; answers how much that was. */
  function bridge(chunk: Buffer): number {
    let appended = 0;
    while (at < carried && appended < chunk.length) {
      const more = Math.min(chunk.length - appended, bridgeBytes);
      const length = carried + appended + more;
      if (length > work.length) {
        const larger = Buffer.allocUnsafeSlow(2 * length);
        work.copy(larger, 0, 0, carried + appended);
        work = larger;
      }
      chunk.copy(work, carried + appended, appended, appended + more);
      appended += more;
      walk(work.subarray(0, length));
    }
    return appended;
  }

  return {
    write(chunk) {
      if (carried > 0) {
        const appended = bridge(chunk);
        if (at < carried) {
          // A record longer than all of it.
          work.copyWithin(0, at, carried + appended);
          base += at;
          carried += appended - at;
          at = 0;
          return;
        }
        base += carried;
        at -= carried;
        carried = 0;
      }
      walk(chunk);
      carried = chunk.length - at;
      if (carried > work.length) work = Buffer.allocUnsafeSlow(2 * carried);
      chunk.copy(work, 0, at);
      base += at;
      at = 0;
    },
    end() {
      const size = base + carried;
      const isInside = heapEnd > 0 && heapEnd !== Infinity && heapEnd > size;
      if (idSize === 0 || carried > 0 || skip > 0 || isInside) {
        throw truncated(
          'HPROF',
          `it ends inside the record that began at byte ${recordStart},`,
          size,
        );
      }
      if (!sawHeap) throw truncated('HPROF', 'it ends before any heap', size);
      // Dumps in segments say where they end; only the old single record says its length.
      if (lastTag !== tag.heapEnd && lastTag !== tag.heapDump) {
        throw truncated('HPROF', 'it ends without the end of the heap', size);
      }
    },
    findings: (top) => hprofFindings({ population, symbols, version, idSize, takenAtMs }, top),
  };
}
