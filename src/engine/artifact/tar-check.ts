import { formatSize, plural } from '../words.ts';
import { rank, type Findings, type FindingsRow } from './findings.ts';
import { BadContent, corrupt, truncated, type FormatCheck } from './format-check.ts';
import type { Format } from './formats.ts';
import { createParserCheck, type Parser } from './parser-check.ts';

const format = 'tar archive';
const blockBytes = 512;
/** Names longer than this are shown cut. */
const longestNameBytes = 8192;

export function isTar(head: Buffer): boolean {
  return head.toString('latin1', 257, 262) === 'ustar';
}

/**
 * Walks a tar archive (POSIX.1 ustar, pax, GNU) and looks into each file in it. It must end with a
 * block of zeros, as every tar writes it.
 */
export function createTarCheck(recognize: (head: Buffer) => Format | undefined): FormatCheck {
  const files: FindingsRow[] = [];
  const looks: { readonly name: string; readonly title: string; readonly check: FormatCheck }[] =
    [];
  let longName: string | undefined;

  function* parse(position: () => number): Parser {
    for (;;) {
      const at = position();
      const header = Buffer.from(yield { take: blockBytes });
      if (header.every((byte) => byte === 0)) return;
      if (!hasChecksum(header)) throw corrupt(format, 'a header with a wrong checksum', at);
      const sizeBytes = numberOf(header.subarray(124, 136));
      const kind = String.fromCharCode(header[156] ?? 0);
      const name = longName ?? nameOf(header);
      longName = undefined;
      if (kind === 'L' || kind === 'x') {
        yield* extension(kind, sizeBytes);
      } else if (kind === '0' || kind === '\0' || kind === '7') {
        files.push({ name, value: sizeBytes });
        yield* content(name, sizeBytes);
      } else yield { skip: sizeBytes };
      yield { skip: (blockBytes - (sizeBytes % blockBytes)) % blockBytes };
    }
  }

  /** GNU's long name, or pax headers of which the path is one. */
  function* extension(kind: string, sizeBytes: number): Parser {
    const kept = Math.min(sizeBytes, longestNameBytes);
    const text = (yield { take: kept }).toString('utf8');
    yield { skip: sizeBytes - kept };
    longName = kind === 'L' ? text.replace(/\0.*$/s, '') : /\d+ path=(.*)\n/.exec(text)?.[1];
  }

  function* content(name: string, sizeBytes: number): Parser {
    const start = sizeBytes === 0 ? 0 : Math.min(sizeBytes, 1024);
    const known = recognize(yield { peek: start });
    const check = known?.create?.();
    if (known && check) looks.push({ name, title: known.title, check });
    for (let left = sizeBytes; left > 0;) {
      const bytes = yield { some: left };
      left -= bytes.length;
      if (check) within(name, () => check.write(bytes));
    }
    if (check) within(name, () => check.end());
  }

  function findings(top: number): Findings {
    const table = rank(files, { title: 'Files by size', noun: 'file', unit: 'bytes', top });
    return {
      facts: [
        `${plural(files.length, 'file')}, ${formatSize(table.total.value)}`,
        ...looks.flatMap(({ name, title, check }) => [
          `${name}: ${title}`,
          ...check.findings(top).facts.map((fact) => `  ${fact}`),
        ]),
      ],
      tables: [
        ...looks.slice(0, 4).flatMap(({ name, check }) => {
          const [first] = check.findings(top).tables;
          return first ? [{ ...first, title: `${first.title} in ${name}` }] : [];
        }),
        table,
      ],
    };
  }

  return createParserCheck({ format, parse, findings });
}

/** What is wrong with a file in the archive, by its name. */
function within(name: string, look: () => void): void {
  try {
    look();
  } catch (error) {
    if (!(error instanceof BadContent)) throw error;
    const problem = `${name} in it is ${error.message}: it shows`;
    throw error.isTruncated
      ? truncated(format, problem, error.offset)
      : corrupt(format, problem, error.offset);
  }
}

function hasChecksum(header: Buffer): boolean {
  let sum = 8 * 0x20;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  return numberOf(header.subarray(148, 156)) === sum;
}

/** Octal digits, or GNU's base-256 for what they cannot say. */
function numberOf(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) !== 0) {
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, (field[0] ?? 0) & 0x7f);
  }
  return Number.parseInt(field.toString('latin1').replaceAll('\0', ' ').trim() || '0', 8);
}

function nameOf(header: Buffer): string {
  const textOf = (from: number, length: number) =>
    header.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? textOf(345, 155) : '';
  return prefix === '' ? textOf(0, 100) : `${prefix}/${textOf(0, 100)}`;
}
