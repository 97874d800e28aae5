import { FrameError, opcode } from './frames.ts';

export interface FrameListener {
  /**
   * More of a message, as it came: its memory is the reader's caller's. False stops reading behind it.
   * A message without content comes as one empty piece.
   */
  onPiece(piece: Buffer, isFirst: boolean, isLast: boolean): boolean;
  /** A ping, a pong or a close, whole. */
  onControl(code: number, payload: Buffer): void;
}

const mostHeadBytes = 10;
const mostControlBytes = 125;

/**
 * Reads what a server sends over a WebSocket (RFC 6455 §5) without putting messages together: a heap
 * dump goes by in pieces of the buffer that it was received in. Throws `FrameError`.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #head = Buffer.alloc(mostHeadBytes);
  #headBytes = 0;
  /** Of the frame that has begun; undefined between frames. */
  #left: number | undefined;
  #code = 0;
  #isFinal = false;
  /** Frames of the same message have come before. */
  #isFragmented = false;
  #isFirst = true;
  #control: Buffer[] = [];

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** Returns how many bytes were read: all of them, unless the listener stopped it. */
  read(bytes: Buffer): number {
    let at = 0;
    for (;;) {
      if (this.#left === undefined) {
        at = this.#readHead(bytes, at);
        if (this.#left === undefined) return at;
      } else if (at === bytes.length) return at;
      const end = Math.min(bytes.length, at + this.#left);
      this.#left -= end - at;
      const goesOn = this.#take(bytes.subarray(at, end), this.#left === 0);
      at = end;
      if (!goesOn) return at;
    }
  }

  /** A head is whole after 2, 4 or 10 bytes, and may be cut anywhere. */
  #readHead(bytes: Buffer, start: number): number {
    let at = start;
    while (at < bytes.length) {
      this.#head[this.#headBytes] = bytes[at] ?? 0;
      this.#headBytes += 1;
      at += 1;
      if (this.#headBytes < 2 || this.#headBytes < headBytesOf(this.#head)) continue;
      this.#headBytes = 0;
      this.#begin();
      break;
    }
    return at;
  }

  #begin(): void {
    const [first = 0, second = 0] = this.#head;
    const code = first & 15;
    const isFinal = (first & 0x80) !== 0;
    if ((first & 0x70) !== 0) throw new FrameError(1002, 'a reserved bit is set');
    if ((second & 0x80) !== 0) throw new FrameError(1002, 'a frame of the server is masked');
    const length = lengthOf(this.#head);
    if (code >= opcode.close) {
      if (code > opcode.pong) throw new FrameError(1002, `no such opcode: ${code}`);
      if (!isFinal || length > mostControlBytes) {
        throw new FrameError(1002, 'a control frame is in parts, or too long');
      }
    } else {
      if (code > opcode.binary) throw new FrameError(1002, `no such opcode: ${code}`);
      if (this.#isFragmented !== (code === opcode.continuation)) {
        throw new FrameError(
          1002,
          'a message is continued that has not begun, or begins in another',
        );
      }
      this.#isFragmented = !isFinal;
    }
    this.#code = code;
    this.#isFinal = isFinal;
    this.#left = length;
  }

  #take(piece: Buffer, isEnd: boolean): boolean {
    if (isEnd) this.#left = undefined;
    if (this.#code >= opcode.close) {
      this.#control.push(Buffer.from(piece));
      if (isEnd) {
        const payload = Buffer.concat(this.#control);
        this.#control = [];
        this.#listener.onControl(this.#code, payload);
      }
      return true;
    }
    const isLast = isEnd && this.#isFinal;
    if (piece.length === 0 && !isLast) return true;
    const isFirst = this.#isFirst;
    this.#isFirst = isLast;
    return this.#listener.onPiece(piece, isFirst, isLast);
  }
}

function headBytesOf(head: Buffer): number {
  const short = (head[1] ?? 0) & 127;
  if (short === 126) return 4;
  return short === 127 ? 10 : 2;
}

function lengthOf(head: Buffer): number {
  const short = (head[1] ?? 0) & 127;
  if (short < 126) return short;
  if (short === 126) return head.readUInt16BE(2);
  const length = head.readBigUInt64BE(2);
  if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw new FrameError(1009, 'a frame has no end');
  return Number(length);
}
