import { corrupt } from '../format-check.ts';
import type { Symbols } from './symbols.ts';
import { readId } from './values.ts';

const tag = { utf8: 0x01, loadClass: 0x02, frame: 0x04, trace: 0x05 } as const;

/** Longer names than this are no class names. */
const longestNameBytes = 512;
/** Deeper stacks than this are not kept: their top comes first. */
const mostTraceBytes = 64 * 1024;

/** Whether a top-level record tells a name, a class or a stack that is kept. */
export function isSymbol(kind: number, length: number, idSize: number): boolean {
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

interface SymbolRecord {
  readonly data: Buffer;
  readonly view: DataView;
  /** In the data, as `end` is. */
  readonly body: number;
  readonly end: number;
  readonly idSize: number;
  /** Where the record begins in the file. */
  readonly offset: number;
}

export function readSymbol(symbols: Symbols, kind: number, record: SymbolRecord): void {
  const { view, body, end, idSize } = record;
  switch (kind) {
    case tag.utf8:
      mustHave(kind, record, end - body >= idSize);
      readName(symbols, record);
      break;
    case tag.loadClass:
      mustHave(kind, record, end - body === 8 + 2 * idSize);
      symbols.loadClass(readId(view, body + 4, idSize), {
        serial: view.getUint32(body),
        nameId: readId(view, body + 8 + idSize, idSize),
      });
      break;
    case tag.frame:
      mustHave(kind, record, end - body === 8 + 4 * idSize);
      symbols.frame(readId(view, body, idSize), {
        methodId: readId(view, body + idSize, idSize),
        classSerial: view.getUint32(body + 4 * idSize),
      });
      break;
    case tag.trace:
      mustHave(kind, record, end - body >= 12);
      if (end - body < 12 + idSize) break;
      symbols.trace(view.getUint32(body), readId(view, body + 12, idSize));
  }
}

function mustHave(kind: number, { body, end, offset }: SymbolRecord, isLongEnough: boolean): void {
  if (isLongEnough) return;
  const length = end - body;
  throw corrupt('HPROF', `a record 0x${kind.toString(16)} of ${length} bytes`, offset);
}

function readName(symbols: Symbols, { data, view, body, end, idSize }: SymbolRecord): void {
  const text = body + idSize;
  // Method signatures and field descriptors are most of all names, and never name anything.
  const first = data[text];
  if (first === 0x28 || (first === 0x4c && data[end - 1] === 0x3b)) return;
  symbols.name(readId(view, body, idSize), data, { start: text, end });
}
