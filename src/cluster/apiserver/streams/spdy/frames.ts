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
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const frames: Frame[] = [];
    while (this.#rest.length >= 8) {
      const end = 8 + this.#rest.readUIntBE(5, 3);
      if (this.#rest.length < end) break;
      frames.push(parse(this.#rest.subarray(0, end)));
      this.#rest = this.#rest.subarray(end);
    }
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
