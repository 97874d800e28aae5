/** The record types that are asked of a cluster, by RFC 1035, 2782, 3596. */
export const types = {
  A: 1,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  ANY: 255,
} as const;

export const codes = {
  ok: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const;

export interface Question {
  /** Lower case, labels with dots between, none at the end; the root is empty. */
  readonly name: string;
  readonly type: number;
}

export interface Query {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  readonly question: Question;
  /** As it was asked, to be repeated: name in the case it came in, type and class. */
  readonly questionBytes: Buffer;
  readonly isInternet: boolean;
  /** RFC 6891: how long an answer over UDP the asker takes; absent without EDNS. */
  readonly udpBytes?: number;
}

type RecordData =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'CNAME' | 'PTR'; readonly target: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: 'TXT'; readonly text: string }
  | {
      readonly type: 'SOA';
      readonly primary: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly negativeTtl: number;
    };

export interface DnsRecord {
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
  readonly data: RecordData;
}

export interface Answer {
  readonly code: number;
  readonly isAuthoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority?: readonly DnsRecord[];
  readonly additional?: readonly DnsRecord[];
}

const IN = 1;

/** Reads a query; undefined for what is none and deserves no answer. Throws `RangeError` when cut short. */
export function readQuery(bytes: Buffer): Query | undefined {
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0x8000) !== 0 || bytes.readUInt16BE(4) !== 1) return undefined;
  const { name, end } = readName(bytes, 12);
  const type = bytes.readUInt16BE(end);
  const udpBytes = readEdns(bytes, end + 4);
  return {
    id: bytes.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    recursionDesired: (flags & 0x0100) !== 0,
    question: { name: name.toLowerCase(), type },
    questionBytes: bytes.subarray(12, end + 4),
    isInternet: bytes.readUInt16BE(end + 2) === IN,
    ...(udpBytes !== undefined && { udpBytes }),
  };
}

// The records after the question: of a query only OPT counts.
function readEdns(bytes: Buffer, start: number): number | undefined {
  const count = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10);
  let at = start;
  for (let index = 0; index < count; index += 1) {
    const { end } = readName(bytes, at);
    if (bytes.readUInt16BE(end) === types.OPT) return Math.max(512, bytes.readUInt16BE(end + 2));
    at = end + 10 + bytes.readUInt16BE(end + 8);
  }
  return undefined;
}

/** A name in a question is never compressed: a pointer there is refused. */
function readName(bytes: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  for (;;) {
    const length = bytes.readUInt8(at);
    at += 1;
    if (length === 0) return { name: labels.join('.'), end: at };
    if (length > 63 || at + length > bytes.length) throw new RangeError('not a plain name');
    labels.push(bytes.toString('latin1', at, at + length));
    at += length;
  }
}

/** Writes an answer; over UDP one that is too long says so instead (TC), to be asked for over TCP. */
export function writeAnswer(query: Query, answer: Answer, overUdp: boolean): Buffer {
  const limit = overUdp ? (query.udpBytes ?? 512) : 65_535;
  const whole = encode(query, answer, false);
  if (whole.length <= limit) return whole;
  return encode(query, { ...answer, answers: [], authority: [], additional: [] }, true);
}

function encode(query: Query, answer: Answer, isTruncated: boolean): Buffer {
  const { answers, authority = [], additional = [] } = answer;
  const out = new Writer(query.questionBytes);
  const flags =
    0x8000 |
    (query.opcode << 11) |
    (answer.isAuthoritative ? 0x0400 : 0) |
    (isTruncated ? 0x0200 : 0) |
    (query.recursionDesired ? 0x0100 : 0) |
    answer.code;
  for (const record of [...answers, ...authority, ...additional]) out.record(record);
  if (query.udpBytes !== undefined) out.edns();
  const extra = query.udpBytes === undefined ? 0 : 1;
  return out.finish([
    query.id,
    flags,
    1,
    answers.length,
    authority.length,
    additional.length + extra,
  ]);
}

class Writer {
  readonly #bytes: number[];
  /** Where a name, or the end of one, was written before: RFC 1035 §4.1.4. */
  readonly #names = new Map<string, number>();

  constructor(question: Buffer) {
    this.#bytes = [...Buffer.alloc(12), ...question];
    this.#note(readName(Buffer.from(this.#bytes), 12).name.toLowerCase(), 12);
  }

  record({ name, ttl, data }: DnsRecord): void {
    this.#name(name);
    this.#u16(types[data.type]);
    this.#u16(IN);
    this.#u32(ttl);
    this.#u16(0);
    const start = this.#bytes.length;
    this.#data(data);
    const length = this.#bytes.length - start;
    this.#bytes[start - 2] = length >> 8;
    this.#bytes[start - 1] = length & 0xff;
  }

  #data(data: RecordData): void {
    switch (data.type) {
      case 'A':
        this.#bytes.push(...data.address.split('.').map(Number));
        break;
      case 'CNAME':
      case 'PTR':
        this.#name(data.target);
        break;
      case 'SRV':
        for (const value of [data.priority, data.weight, data.port]) this.#u16(value);
        // RFC 2782: this name is never compressed.
        this.#labels(data.target);
        break;
      case 'TXT':
        this.#bytes.push(data.text.length, ...Buffer.from(data.text, 'latin1'));
        break;
      case 'SOA':
        this.#name(data.primary);
        this.#name(data.mailbox);
        for (const value of [data.serial, 7200, 1800, 86_400, data.negativeTtl]) this.#u32(value);
        break;
    }
  }

  /** The pseudo record by which EDNS is answered with EDNS. */
  edns(): void {
    this.#bytes.push(0);
    this.#u16(types.OPT);
    this.#u16(1232);
    this.#u32(0);
    this.#u16(0);
  }

  finish(header: readonly number[]): Buffer {
    const bytes = Buffer.from(this.#bytes);
    for (const [index, value] of header.entries()) bytes.writeUInt16BE(value, index * 2);
    return bytes;
  }

  #name(name: string): void {
    let rest = name;
    while (rest !== '') {
      const known = this.#names.get(rest);
      if (known !== undefined) {
        this.#u16(0xc000 | known);
        return;
      }
      if (this.#bytes.length < 0x4000) this.#names.set(rest, this.#bytes.length);
      const [label = ''] = rest.split('.', 1);
      this.#bytes.push(label.length, ...Buffer.from(label, 'latin1'));
      rest = rest.slice(label.length + 1);
    }
    this.#bytes.push(0);
  }

  #labels(name: string): void {
    for (const label of name.split('.')) {
      this.#bytes.push(label.length, ...Buffer.from(label, 'latin1'));
    }
    this.#bytes.push(0);
  }

  #note(name: string, at: number): void {
    let offset = at;
    for (let rest = name; rest !== '';) {
      if (offset < 0x4000 && !this.#names.has(rest)) this.#names.set(rest, offset);
      const [label = ''] = rest.split('.', 1);
      offset += label.length + 1;
      rest = rest.slice(label.length + 1);
    }
  }

  #u16(value: number): void {
    this.#bytes.push((value >> 8) & 0xff, value & 0xff);
  }

  #u32(value: number): void {
    this.#u16(value >>> 16);
    this.#u16(value & 0xffff);
  }
}
