import { randomFillSync } from 'node:crypto';

/** RFC 6455 §5.2. */
export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One whole frame as a client sends it, masked (§5.3). */
export function clientFrame(code: number, payload: Buffer): Buffer {
  const head = headOf(code, payload.length);
  const frame = Buffer.allocUnsafe(head.length + 4 + payload.length);
  head.copy(frame);
  const mask = frame.subarray(head.length, head.length + 4);
  randomFillSync(mask);
  const start = head.length + 4;
  for (let at = 0; at < payload.length; at += 1) {
    frame[start + at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
  }
  return frame;
}

function headOf(code: number, length: number): Buffer {
  const [isFinal, isMasked] = [0x80, 0x80];
  if (length < 126) return Buffer.of(isFinal | code, isMasked | length);
  if (length < 65_536) {
    return Buffer.of(isFinal | code, isMasked | 126, length >> 8, length & 255);
  }
  const head = Buffer.alloc(10);
  head.writeUInt8(isFinal | code, 0);
  head.writeUInt8(isMasked | 127, 1);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** What a server may not send; `code` is what to close with (§7.4.1). */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
