import { corrupt } from './format-check.ts';
import { createParserCheck, type Parser } from './parser-check.ts';

const format = 'zstd file';
const magic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/** Some bytes of a frame, in their order; good as long as the chunks that they came in. */
export interface FramePiece {
  readonly bytes: Buffer;
  /** It is the last of its frame. */
  readonly isEnd: boolean;
}

/**
 * Finds where the frames of a zstd file begin and end (RFC 8878 §3.1): a decompressor stops behind the
 * first one, and says nothing of the others, nor of one that is cut.
 */
export function createFrameSplit(onPiece: (piece: FramePiece) => void) {
  const piece = (bytes: Buffer, isEnd = false): void => onPiece({ bytes, isEnd });

  function* parse(position: () => number): Parser {
    for (;;) {
      const at = position();
      const start = yield { peek: 4 };
      if (start.length === 0) return;
      const found = start.length < 4 ? undefined : start.readUInt32LE(0);
      if (found !== undefined && (found & 0xfffffff0) >>> 0 === skippableMagic) {
        yield { skip: 4 };
        yield { skip: (yield { take: 4 }).readUInt32LE(0) };
      } else if (found === magic || found === undefined) yield* frame();
      else throw corrupt(format, 'no frame begins where one should,', at);
    }
  }

  function* frame(): Parser {
    const head = yield { take: 5 };
    piece(head);
    const descriptor = head[4] ?? 0;
    const isSingle = (descriptor & 0x20) !== 0;
    const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const contentSizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    piece(yield { take: (isSingle ? 0 : 1) + dictionaryBytes + contentSizeBytes });
    const hasChecksum = (descriptor & 4) !== 0;
    for (;;) {
      const header = yield { take: 3 };
      const block = header.readUIntLE(0, 3);
      const isLast = (block & 1) === 1;
      // A run of one byte is written as that byte.
      const bytes = ((block >> 1) & 3) === 1 ? 1 : block >> 3;
      piece(header);
      for (let left = bytes, isOver = false; !isOver;) {
        const part: Buffer = yield left === 0 ? { take: 0 } : { some: left };
        left -= part.length;
        isOver = left === 0;
        piece(part, isOver && isLast && !hasChecksum);
      }
      if (isLast) break;
    }
    if (hasChecksum) piece(yield { take: 4 }, true);
  }

  return createParserCheck({ format, parse, findings: () => ({ facts: [], tables: [] }) });
}
