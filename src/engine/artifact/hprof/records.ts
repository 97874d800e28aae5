import { corrupt } from '../format-check.ts';
import { walkHeap, type HeapRecord } from './heap-walk.ts';
import { createPopulation, type Population } from './population.ts';
import { isSymbol, readSymbol } from './symbol-records.ts';
import { createSymbols, type Symbols } from './symbols.ts';

// hprof_b_spec.h / heapDumper.cpp: the top-level records that are not about symbols.
export const tag = { heapDump: 0x0c, heapSegment: 0x1c, heapEnd: 0x2c } as const;
const knownTags = new Set([1, 2, 3, 4, 5, 6, 7, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x1c, 0x2c]);

const headerPattern = /^JAVA PROFILE (1\.0\.[12])\0/;
const headerTextBytes = 'JAVA PROFILE 1.0.2\0'.length;
const headerBytes = headerTextBytes + 12;
const recordHeaderBytes = 9;

/** A dump as far as it has been read. */
export interface Dump {
  readonly population: Population;
  readonly symbols: Symbols;
  version: string;
  /** 0 = its header has not been read. */
  idSize: number;
  takenAtMs: number;
  /** Where the last record began, in the file. */
  recordStart: number;
  lastTag: number;
  hasHeap: boolean;
  /** The heap record that is being walked. */
  heap: HeapRecord | undefined;
}

interface Bytes {
  readonly data: Buffer;
  readonly view: DataView;
  /** Of the data, in the file. */
  readonly offset: number;
}

export function createDump(): Dump {
  return {
    population: createPopulation(),
    symbols: createSymbols(),
    version: '',
    idSize: 0,
    takenAtMs: 0,
    recordStart: 0,
    lastTag: 0,
    hasHeap: false,
    heap: undefined,
  };
}

/** Reads what it can of `data`; answers how far it came, which may be beyond its end. */
export function readRecords(dump: Dump, data: Buffer, offset: number): number {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const bytes = { data, view, offset };
  let at = 0;
  while (at < data.length) {
    const from = at;
    if (dump.heap) at = readHeap(dump, dump.heap, { bytes, from });
    else at = dump.idSize === 0 ? readHeader(dump, bytes) : readRecord(dump, bytes, from);
    if (at === from) break;
  }
  return at;
}

function readHeap(
  dump: Dump,
  heap: HeapRecord,
  { bytes: { view, offset }, from }: { readonly bytes: Bytes; readonly from: number },
): number {
  const at = walkHeap(dump.population, heap, { view, from, offset, idSize: dump.idSize });
  if (offset + at === heap.endOffset) dump.heap = undefined;
  return at;
}

function readHeader(dump: Dump, { data, view }: Bytes): number {
  const text = data.toString('latin1', 0, Math.min(data.length, headerTextBytes));
  if (data.length < headerBytes) {
    if ('JAVA PROFILE 1.0.'.startsWith(text.slice(0, 17))) return 0;
    throw corrupt('HPROF', 'no "JAVA PROFILE" header', 0);
  }
  const version = headerPattern.exec(text)?.[1];
  if (version === undefined) throw corrupt('HPROF', 'no "JAVA PROFILE 1.0.1" or 1.0.2 header', 0);
  const idSize = view.getUint32(headerTextBytes);
  if (idSize !== 4 && idSize !== 8) {
    throw corrupt('HPROF', `identifiers of ${idSize} bytes`, headerTextBytes);
  }
  dump.version = version;
  dump.idSize = idSize;
  dump.takenAtMs = Number(view.getBigUint64(headerTextBytes + 4));
  return headerBytes;
}

function readRecord(dump: Dump, { data, view, offset }: Bytes, at: number): number {
  if (data.length - at < recordHeaderBytes) return at;
  const kind = view.getUint8(at);
  dump.recordStart = offset + at;
  if (!knownTags.has(kind)) {
    throw corrupt('HPROF', `unknown record 0x${kind.toString(16)}`, dump.recordStart);
  }
  const length = view.getUint32(at + 5);
  const body = at + recordHeaderBytes;
  const end = body + length;
  const isHeap = kind === tag.heapDump || kind === tag.heapSegment;
  if (isHeap) beginHeap(dump, kind, { start: offset + body, length });
  else if (isSymbol(kind, length, dump.idSize)) {
    if (data.length < end) return at;
    readSymbol(dump.symbols, kind, {
      data,
      view,
      body,
      end,
      idSize: dump.idSize,
      offset: dump.recordStart,
    });
  }
  dump.lastTag = kind;
  return isHeap ? body : end;
}

function beginHeap(
  dump: Dump,
  kind: number,
  { start, length }: { readonly start: number; readonly length: number },
): void {
  // A dump too large for the length of the one record of 1.0.1 has 0 there, and goes to the end;
  // only that record can hold more than its 32 bits of length can say.
  const isSingle = kind === tag.heapDump;
  dump.hasHeap = true;
  if (length === 0 && !isSingle) return;
  dump.heap = {
    endOffset: length === 0 ? Infinity : start + length,
    lengthMayHaveWrapped: isSingle,
  };
}
