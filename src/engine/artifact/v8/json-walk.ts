import { corrupt, truncated } from '../format-check.ts';

interface JsonWalkOptions {
  /** What the document is, for messages. */
  readonly format: string;
  /** The top-level member whose text is kept; it may not be longer than `maxBytes`. */
  readonly capture?: { readonly key: string; readonly maxBytes: number };
  readonly onCaptured?: (text: string) => void;
  /** Each plain number directly in a top-level member that is an array. */
  readonly onNumber?: (key: string, index: number, value: number) => void;
  /** Which strings directly in a top-level array `onString` wants to hear of. */
  readonly wantsString?: (key: string, index: number) => boolean;
  readonly onString?: (key: string, index: number, text: string) => void;
}

interface JsonWalk {
  write(chunk: Buffer): void;
  /** Lengths of the top-level members that are arrays. */
  end(): { readonly sizeBytes: number; readonly lengths: ReadonlyMap<string, number> };
}

/** What may come next: the grammar of RFC 8259 between two tokens. */
type Expectation = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma' | 'nothing';

const code = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  colon: 0x3a,
  openArray: 0x5b,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

const escapeBegun = 5;
const deepest = 512;
const longestToken = 64;
const longestWanted = 1024;

/** Walks a JSON document of any size in constant memory, checking its grammar. */
export function createJsonWalk(options: JsonWalkOptions): JsonWalk {
  const { format, capture, onCaptured, wantsString, onString } = options;
  const onNumber = options.onNumber ?? (() => {});
  const stack: ('array' | 'object')[] = [];
  const lengths = new Map<string, number>();
  let expect: Expectation = 'value';
  let base = 0;
  /** The top-level member that is being read. */
  let member = '';
  let memberLength = 0;
  /** Of a token that goes on in the next chunk: a string, or the text of a number or word. */
  let inString = false;
  /** Inside an escape: how many hex digits are still to come, or `escapeBegun`. */
  let escape = 0;
  let isKey = false;
  let token = '';
  /** The text of a string that is wanted. */
  let wanted: Buffer[] | undefined;
  let captured: string[] | undefined;
  let capturedBytes = 0;

  function bad(problem: string, at: number): Error {
    return corrupt(format, problem, base + at);
  }

  function beginValue(at: number): void {
    if (expect !== 'value' && expect !== 'value-or-end') throw bad('unexpected value', at);
    if (stack.length === 2 && stack[1] === 'array') memberLength += 1;
  }

  function afterValue(): void {
    expect = stack.length === 0 ? 'nothing' : 'comma';
  }

  function open(kind: 'array' | 'object', at: number): void {
    beginValue(at);
    if (stack.length === 0 && kind === 'array') throw bad('not an object', at);
    if (stack.length >= deepest) throw bad('nested too deeply', at);
    stack.push(kind);
    if (stack.length === 2) memberLength = 0;
    expect = kind === 'array' ? 'value-or-end' : 'key-or-end';
  }

  function close(kind: 'array' | 'object', at: number): void {
    const empty = kind === 'array' ? 'value-or-end' : 'key-or-end';
    if (stack.at(-1) !== kind || (expect !== 'comma' && expect !== empty)) {
      throw bad('unexpected end of a list', at);
    }
    if (stack.length === 2 && kind === 'array') lengths.set(member, memberLength);
    stack.pop();
    afterValue();
  }

  function separator(byte: number, at: number): void {
    if (byte === code.colon) {
      if (expect !== 'colon') throw bad('unexpected ":"', at);
      expect = 'value';
      return;
    }
    if (expect !== 'comma' || stack.length === 0) throw bad('unexpected ","', at);
    expect = stack.at(-1) === 'object' ? 'key' : 'value';
  }

  function beginString(at: number): void {
    isKey = expect === 'key' || expect === 'key-or-end';
    if (!isKey) beginValue(at);
    inString = true;
    token = '';
    if (!isKey && wantsString && stack.length === 2 && stack[1] === 'array') {
      wanted = wantsString(member, memberLength - 1) ? [] : undefined;
    }
  }

  function endString(): void {
    inString = false;
    if (isKey && stack.length === 1) member = token;
    token = '';
    if (isKey) expect = 'colon';
    else {
      if (wanted) onString?.(member, memberLength - 1, unescape(wanted));
      wanted = undefined;
      afterValue();
    }
  }

  /** From inside a string to behind its closing quote, or to the end of the chunk. */
  function readString(data: Buffer, from: number): number {
    let at = from;
    // Most strings are short: a loop finds their end sooner than a call would.
    for (; at < data.length; at += 1) {
      const byte = data[at] as number;
      if (escape !== 0) readEscape(byte, at);
      else if (byte === code.backslash) escape = escapeBegun;
      else if (byte < 0x20) throw bad('a control character in a string', at);
      else if (byte === code.quote) {
        keepText(data, from, at);
        endString();
        return at + 1;
      }
    }
    keepText(data, from, at);
    return at;
  }

  function readEscape(byte: number, at: number): void {
    const character = String.fromCharCode(byte);
    if (escape === escapeBegun) {
      if (!'"\\/bfnrtu'.includes(character)) throw bad('an unknown escape in a string', at);
      escape = character === 'u' ? 4 : 0;
    } else {
      if (!/[\da-fA-F]/.test(character)) throw bad('an unknown escape in a string', at);
      escape -= 1;
    }
  }

  function keepText(data: Buffer, from: number, to: number): void {
    wanted?.push(Buffer.from(data.subarray(from, Math.min(to, from + longestWanted))));
    if (isKey && stack.length === 1)
      token += data.toString('latin1', from, Math.min(to, from + longestToken));
  }

  /** Numbers in a top-level array, the bulk of a snapshot: digits and commas only, else stops. */
  function readIntegers(data: Buffer, from: number): number {
    const size = data.length;
    let at = from;
    let index = memberLength;
    for (;;) {
      let value = 0;
      let end = at;
      let byte = 0;
      while (end < size && (byte = data[end] as number) >= 0x30 && byte <= 0x39) {
        value = value * 10 + (byte - 0x30);
        end += 1;
      }
      const digits = end - at;
      if (digits === 0 || digits > 15 || (digits > 1 && data[at] === 0x30)) break;
      // V8 breaks lines before or after the comma.
      while (end < size && ((byte = data[end] as number) === 0x0a || byte === 0x20)) end += 1;
      if (end >= size || byte !== code.comma) break;
      end += 1;
      while (end < size && (data[end] === 0x0a || data[end] === 0x20)) end += 1;
      if (end >= size) break;
      onNumber(member, index, value);
      index += 1;
      at = end;
    }
    if (at > from) expect = 'value';
    memberLength = index;
    return at;
  }

  function endToken(at: number): void {
    if (token === '') return;
    if (!/^(-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null)$/.test(token)) {
      throw bad(`"${token}" is no value`, at - token.length);
    }
    beginValue(at);
    if (stack.length === 2 && stack[1] === 'array')
      onNumber(member, memberLength - 1, Number(token));
    token = '';
    afterValue();
  }

  function step(data: Buffer, at: number): number {
    const byte = data[at] ?? 0;
    if (byte > 0x20 && !isPunctuation(byte)) {
      const isBulk = token === '' && stack.length === 2 && stack[1] === 'array';
      if (isBulk && (expect === 'value' || expect === 'value-or-end')) {
        const next = readIntegers(data, at);
        if (next > at) return next;
      }
      token += String.fromCharCode(byte);
      if (token.length > longestToken) throw bad('a value too long to be one', at);
      return at + 1;
    }
    endToken(at);
    if (byte === code.quote) {
      beginString(at);
      return at + 1;
    }
    if (byte === code.openArray) open('array', at);
    else if (byte === code.openObject) open('object', at);
    else if (byte === code.closeArray) close('array', at);
    else if (byte === code.closeObject) close('object', at);
    else if (byte === code.comma || byte === code.colon) separator(byte, at);
    else if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
      throw bad('a control character', at);
    }
    return at + 1;
  }

  function keepCaptured(data: Buffer, from: number, to: number): void {
    if (!captured || to <= from) return;
    capturedBytes += to - from;
    if (capture && capturedBytes > capture.maxBytes) throw bad(`"${capture.key}" is too large`, to);
    captured.push(data.toString('latin1', from, to));
  }

  return {
    write(data) {
      let at = 0;
      let keptFrom = 0;
      while (at < data.length) {
        const depth = stack.length;
        const next = inString ? readString(data, at) : step(data, at);
        if (depth === 1 && stack.length === 2 && member === capture?.key) {
          captured = [];
          keptFrom = at;
        } else if (captured && depth === 2 && stack.length === 1) {
          keepCaptured(data, keptFrom, next);
          onCaptured?.(captured.join(''));
          captured = undefined;
        }
        at = next;
      }
      keepCaptured(data, keptFrom, at);
      base += data.length;
    },
    end() {
      if (expect !== 'nothing' || inString || token !== '') {
        throw truncated(format, 'the document is not over', base);
      }
      return { sizeBytes: base, lengths };
    },
  };
}

/** A long text may have been cut within an escape: then it is shown as it is written. */
function unescape(parts: readonly Buffer[]): string {
  const text = Buffer.concat(parts).toString('utf8');
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

function isPunctuation(byte: number): boolean {
  return (
    byte === code.quote ||
    byte === code.comma ||
    byte === code.colon ||
    byte === code.openArray ||
    byte === code.closeArray ||
    byte === code.openObject ||
    byte === code.closeObject
  );
}
