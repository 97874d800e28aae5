import { crc32 } from 'node:zlib';

/** `object: null` = deleted. */
export interface ObjectRecord {
  readonly rev: number;
  readonly resource: string;
  readonly key: string;
  readonly object: object | null;
}

/** No revision up to this one is given again, whether or not it was written down. */
interface ReserveRecord {
  readonly reserved: number;
}

/** First line of a snapshot: what it holds is the state at `snapshot`. */
interface SnapshotHead extends ReserveRecord {
  readonly snapshot: number;
}

/** Last line of a snapshot. */
interface SnapshotEnd {
  readonly objects: number;
}

export type JournalRecord = ObjectRecord | ReserveRecord | SnapshotHead | SnapshotEnd;

const CHECKSUM_BYTES = '{"crc":"00000000",'.length;
const NEWLINE = 0x0a;

/** One line of NDJSON: `{"crc":"…",…}`, the CRC-32 being that of everything behind it but the newline. */
export function encodeLine(record: JournalRecord): Buffer {
  return withChecksum(Buffer.from(`${JSON.stringify(record).slice(1)}\n`));
}

/** The same for an object whose JSON is there already. */
export function encodeObject(
  { rev, resource, key }: Omit<ObjectRecord, 'object'>,
  json: Buffer | undefined,
): Buffer {
  const head = JSON.stringify({ rev, resource, key }).slice(1, -1);
  return withChecksum(
    Buffer.concat([Buffer.from(`${head},"object":`), json ?? NULL, Buffer.from('}\n')]),
  );
}

const NULL = Buffer.from('null');

function withChecksum(rest: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"crc":"${checksum(rest.subarray(0, -1))}",`), rest]);
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** Undefined for a line that is not as it was written. */
function decodeLine(line: Buffer): JournalRecord | undefined {
  const rest = line.subarray(CHECKSUM_BYTES);
  const head = line.subarray(0, CHECKSUM_BYTES).toString('latin1');
  if (head !== `{"crc":"${checksum(rest)}",`) return undefined;
  try {
    return JSON.parse(`{${rest.toString()}`) as JournalRecord;
  } catch {
    return undefined;
  }
}

export interface Lines {
  readonly records: readonly JournalRecord[];
  /** Where the good lines end, in bytes. */
  readonly end: number;
  /** Number of the first line that is not as it was written; 0 when all are. */
  readonly badLine: number;
  /** No good line follows the bad one: the end of a write that was cut short. */
  readonly isTorn: boolean;
}

/** Reads lines up to the first bad one. */
export function readLines(bytes: Buffer): Lines {
  const records: JournalRecord[] = [];
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(NEWLINE, start);
    const record = end < 0 ? undefined : decodeLine(bytes.subarray(start, end));
    if (!record) {
      const isTorn = end < 0 || !hasGoodLine(bytes.subarray(end + 1));
      return { records, end: start, badLine: records.length + 1, isTorn };
    }
    records.push(record);
    start = end + 1;
  }
  return { records, end: start, badLine: 0, isTorn: false };
}

function hasGoodLine(bytes: Buffer): boolean {
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return false;
    if (decodeLine(bytes.subarray(start, end))) return true;
    start = end + 1;
  }
  return false;
}
