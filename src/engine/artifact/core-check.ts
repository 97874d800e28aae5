import { formatSize, plural } from '../words.ts';
import { corrupt, truncated, type FormatCheck } from './format-check.ts';
import { createParserCheck, type Parser } from './parser-check.ts';

const format = 'core file';
const machines: Readonly<Record<number, string>> = {
  3: 'x86',
  40: 'ARM',
  62: 'x86-64',
  183: 'ARM64',
};
const loadSegment = 1;

/** An ELF file of type ET_CORE, by its first bytes. */
export function isCore(head: Buffer): boolean {
  if (head.length < 20 || head.toString('latin1', 0, 4) !== '\u007fELF') return false;
  return (head[5] === 2 ? head.readUInt16BE(16) : head.readUInt16LE(16)) === 4;
}

/** Reads the program headers of a core file: they say how long it must be. elf(5), 64 bits. */
export function createCoreCheck(): FormatCheck {
  let neededBytes = 0;
  let sizeBytes = 0;
  let machine = '';
  let segments = 0;
  let memoryBytes = 0;

  function* parse(position: () => number): Parser {
    const header = new DataView(Uint8Array.from(yield { take: 64 }).buffer);
    if (header.getUint8(4) !== 2) throw corrupt(format, 'not of 64 bits', 4);
    const little = header.getUint8(5) === 1;
    machine = machines[header.getUint16(18, little)] ?? 'another machine';
    const headersAt = Number(header.getBigUint64(32, little));
    const entryBytes = header.getUint16(54, little);
    const count = header.getUint16(56, little);
    if (headersAt < 64 || entryBytes < 56) throw corrupt(format, 'no program headers', 32);
    yield { skip: headersAt - position() };
    for (let at = 0; at < count; at += 1) {
      const entry = new DataView(Uint8Array.from(yield { take: entryBytes }).buffer);
      const offset = Number(entry.getBigUint64(8, little));
      const fileBytes = Number(entry.getBigUint64(32, little));
      neededBytes = Math.max(neededBytes, offset + fileBytes);
      if (entry.getUint32(0, little) !== loadSegment) continue;
      segments += 1;
      memoryBytes += fileBytes;
    }
  }

  const check = createParserCheck({
    format,
    parse,
    findings: () => ({
      facts: [
        `${plural(segments, 'segment')} of memory, ${formatSize(memoryBytes)}, of ${machine}`,
      ],
      tables: [],
    }),
  });
  return {
    ...check,
    write(chunk) {
      sizeBytes += chunk.length;
      check.write(chunk);
    },
    end() {
      check.end();
      if (sizeBytes < neededBytes) {
        throw truncated(format, `it ends before ${neededBytes} bytes,`, sizeBytes);
      }
    },
  };
}
