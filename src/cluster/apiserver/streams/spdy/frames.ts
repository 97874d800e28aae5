/** SPDY/3.1's frames, as far as Kubernetes' clients send them. */
export const TYPE = {
  synStream: 1,
  synReply: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
} as const;

export const FIN = 1;
const VERSION = 0x8003;
const HEAD_BYTES = 8;

export type Frame =
  | {
      readonly kind: 'control';
      readonly type: number;
      readonly flags: number;
      readonly payload: Buffer;
    }
  | {
      readonly kind: 'data';
      readonly streamId: number;
      readonly flags: number;
      readonly payload: Buffer;
    };

/** Cuts a byte stream into frames, whatever the chunks were. */
export class FrameParser {
  /** What has come of the next frame, in pieces: a long one is put together once. */
  #pieces: Buffer[] = [];
  #size = 0;
  /** So much must be there before there is anything to cut. */
  #needed = HEAD_BYTES;

  push(chunk: Buffer): Frame[] {
    this.#pieces.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];
    let rest = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces);
    const frames: Frame[] = [];
    this.#needed = HEAD_BYTES;
    while (rest.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + rest.readUIntBE(5, 3);
      if (rest.length < end) {
        this.#needed = end;
        break;
      }
      frames.push(parse(rest.subarray(0, end)));
      rest = rest.subarray(end);
    }
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    return frames;
  }
}

export function controlFrame(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

/** The eight bytes before `length` bytes of a stream's data. */
export function dataHead(
  streamId: number,
  { flags, length }: { readonly flags: number; readonly length: number },
): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(length, 5, 3);
  return head;
}

function parse(bytes: Buffer): Frame {
  const [flags, payload] = [bytes.readUInt8(4), bytes.subarray(8)];
  const first = bytes.readUInt32BE(0);
  return first >= 0x8000_0000
    ? { kind: 'control', type: first & 0xff_ff, flags, payload }
    : { kind: 'data', streamId: first, flags, payload };
}
