import { PitstopError } from '../errors.ts';
import type { Findings } from './findings.ts';
import type { FormatCheck } from './format-check.ts';
import { headBytes, recognize, type Format } from './formats.ts';
import { createUnpacker, packingOf, type Packing, type Unpacker } from './packing.ts';

/** A look at content of whatever format as it streams by, unpacked where it is packed. */
export interface Look {
  /**
   * The chunk's memory may be used again when it returns or, where what is packed must be unpacked,
   * when that promise resolves. Throws `artifact-corrupt`.
   */
  write(chunk: Buffer): void | Promise<void>;
  /** The content is over. Throws `artifact-corrupt` when it is cut short. */
  end(): Promise<void>;
  /** No more will come, whole or not: also the little that did is looked at. */
  settle(): Promise<void>;
  /** What was seen so far. */
  seen(top: number): Seen;
}

interface Seen {
  /** The outermost first. */
  readonly packing: readonly Packing[];
  /** Undefined = none that is known. */
  readonly format: Format | undefined;
  /** Its content was looked at, not only recognized. */
  readonly isChecked: boolean;
  /** Unpacked. */
  readonly contentBytes: number;
  readonly findings: Findings;
}

/** Packed content inside packed content ends somewhere. */
const deepest = 4;

/** `expected`: what the content must be; else its first bytes tell. */
export function createLook(expected?: Format, depth = 0): Look {
  let head: Buffer = Buffer.alloc(0);
  let isDecided = false;
  let format: Format | undefined;
  let check: FormatCheck | undefined;
  let unpacker: Unpacker | undefined;
  let packing: Packing | undefined;
  let inner: Look | undefined;
  let contentBytes = 0;

  function decide(): void | Promise<void> {
    isDecided = true;
    packing = depth < deepest ? packingOf(head) : undefined;
    if (packing) {
      const look = createLook(expected, depth + 1);
      inner = look;
      unpacker = createUnpacker(packing, (chunk) => look.write(chunk));
    } else {
      format = expected ?? recognize(head);
      check = format?.create?.();
    }
    const whole = head;
    head = Buffer.alloc(0);
    return pass(whole);
  }

  function pass(chunk: Buffer): void | Promise<void> {
    if (unpacker) return unpacker.write(chunk);
    contentBytes += chunk.length;
    check?.write(chunk);
  }

  return {
    write(chunk) {
      if (isDecided) return pass(chunk);
      head = Buffer.concat([head, chunk]);
      if (head.length >= headBytes) return decide();
    },
    async settle() {
      if (!isDecided) await decide();
      await inner?.settle();
    },
    async end() {
      if (!isDecided) await decide();
      await unpacker?.end().catch(async (error: unknown) => {
        // How the packing ends is what is wrong, not what it cuts off inside.
        await inner?.settle().catch(() => {});
        throw error;
      });
      await inner?.end();
      check?.end();
    },
    seen(top) {
      const below = inner?.seen(top);
      return {
        packing: packing ? [packing, ...(below?.packing ?? [])] : [],
        format: format ?? below?.format,
        isChecked:
          check !== undefined ||
          below?.isChecked === true ||
          (packing !== undefined && below?.format === undefined),
        contentBytes: below?.contentBytes ?? contentBytes,
        findings: below?.findings ?? check?.findings(top) ?? { facts: [], tables: [] },
      };
    },
  };
}

/** `BadContent` with the name of the file it is about. */
export function named(error: unknown, path: string): unknown {
  if (!(error instanceof PitstopError)) return error;
  return new PitstopError(error.code, `${path}: ${error.message}`, { cause: error });
}
