import { formatCount, plural } from '../../words.ts';
import { rank } from '../findings.ts';
import { corrupt, truncated, type FormatCheck } from '../format-check.ts';
import { createParserCheck, type Parser } from '../parser-check.ts';
import { readEventNames } from './metadata.ts';
import { readNumbers } from './varint.ts';

const format = 'JFR recording';
const headerBytes = 68;
/** Metadata is some hundred KiB; more than this is something else. */
const longestMetadataBytes = 64 * 1024 * 1024;
const metadataType = 0;
const checkpointType = 1;

/**
 * Walks a JFR recording (version 2): one chunk after the other, each event by its size, and counts
 * events by type. A chunk says how long it is, and that it is finished, only at its end.
 */
export function createJfrCheck(): FormatCheck {
  const counts = new Map<string, number>();
  let chunks = 0;
  let version = '';
  let startedAtMs = Infinity;
  let endedAtMs = 0;
  let isUnfinished = false;

  function* parse(position: () => number): Parser {
    for (;;) {
      const start = position();
      const next = yield { peek: headerBytes };
      if (next.length === 0 && chunks > 0) return;
      if (!isMagic(next)) throw corrupt(format, 'no chunk begins where one should,', start);
      const header = Buffer.from(yield { take: headerBytes });
      chunks += 1;
      const major = header.readUInt16BE(4);
      version = `${major}.${header.readUInt16BE(6)}`;
      if (major !== 1 && major !== 2) throw corrupt(format, `version ${version}`, start);
      const size = Number(header.readBigUInt64BE(8));
      const nanoseconds = (at: number) => Number(header.readBigUInt64BE(at));
      startedAtMs = Math.min(startedAtMs, nanoseconds(32) / 1e6);
      endedAtMs = Math.max(endedAtMs, (nanoseconds(32) + nanoseconds(40)) / 1e6);
      isUnfinished = size === 0;
      if (size !== 0 && size < headerBytes)
        throw corrupt(format, `a chunk of ${size} bytes`, start);
      const isCompressed = (header.readUInt32BE(64) & 1) === 1;
      if (isCompressed) yield* events(position, size === 0 ? Infinity : start + size);
      else yield { skip: size - headerBytes };
    }
  }

  function* events(position: () => number, end: number): Parser {
    const byType = new Map<number, number>();
    let names: ReadonlyMap<number, string> = new Map();
    while (position() < end) {
      const at = position();
      const head = yield { peek: Math.min(18, end - at) };
      if (head.length === 0 && end === Infinity) break;
      let size: number;
      let type: number;
      try {
        const numbers = readNumbers(head);
        size = numbers.next();
        type = numbers.next();
      } catch {
        throw truncated(format, 'it ends within an event', at);
      }
      if (size < 2 || at + size > end) throw corrupt(format, `an event of ${size} bytes`, at);
      if (type === metadataType && size <= longestMetadataBytes) {
        names = new Map([...names, ...readMetadata(yield { take: size }, at)]);
      } else {
        byType.set(type, (byType.get(type) ?? 0) + 1);
        yield { skip: size };
      }
    }
    for (const [type, count] of byType) {
      if (type === checkpointType) continue;
      const name = names.get(type) ?? `type ${type}`;
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
  }

  const check = createParserCheck({
    format,
    parse,
    findings(top) {
      const rows = [...counts].map(([name, value]) => ({ name, value }));
      const table = rank(rows, { title: 'Events by type', noun: 'type', unit: 'count', top });
      const seconds = ((endedAtMs - startedAtMs) / 1000).toFixed(1);
      return {
        facts: [
          `${plural(table.total.value, 'event')} of ${formatCount(table.length)} types in ${plural(chunks, 'chunk')}`,
          ...(chunks > 0 ? [`${seconds} s from ${new Date(startedAtMs).toISOString()}`] : []),
          `JFR ${version}`,
        ],
        tables: table.length > 0 ? [table] : [],
      };
    },
  });
  return {
    ...check,
    end() {
      check.end();
      // The JVM fills in the length when it is done with the chunk.
      if (isUnfinished) throw truncated(format, 'its last chunk was never finished,', 0);
    },
  };
}

function isMagic(head: Buffer): boolean {
  return 'FLR\0'.startsWith(head.toString('latin1', 0, 4)) && head.length > 0;
}

function readMetadata(event: Buffer, at: number): ReadonlyMap<number, string> {
  const numbers = readNumbers(event);
  numbers.next();
  try {
    return readEventNames(event.subarray(numbers.at));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw corrupt(format, `metadata that cannot be read (${error.message})`, at);
  }
}
