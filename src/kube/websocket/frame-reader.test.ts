import { expect, test } from 'vitest';
import { FrameReader } from './frame-reader.ts';

/** What was heard, pieces of a message put together. */
class Heard {
  readonly messages: string[] = [];
  readonly controls: [number, string][] = [];
  #parts: Buffer[] = [];

  onPiece = (piece: Buffer, isFirst: boolean, isLast: boolean): boolean => {
    if (isFirst !== (this.#parts.length === 0)) throw new Error('isFirst is wrong');
    this.#parts.push(Buffer.from(piece));
    if (isLast) {
      this.messages.push(Buffer.concat(this.#parts).toString('latin1'));
      this.#parts = [];
    }
    return true;
  };
  onControl = (code: number, payload: Buffer): void => {
    this.controls.push([code, payload.toString('latin1')]);
  };
}

function frame(first: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload);
  if (bytes.length < 126) return Buffer.concat([Buffer.of(first, bytes.length), bytes]);
  if (bytes.length < 65_536) {
    return Buffer.concat([Buffer.of(first, 126, bytes.length >> 8, bytes.length & 255), bytes]);
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bytes.length));
  return Buffer.concat([Buffer.of(first, 127), length, bytes]);
}

const long = 'l'.repeat(300);
const huge = 'h'.repeat(70_000);
const stream = Buffer.concat([
  frame(0x82, ''),
  frame(0x82, 'one'),
  frame(0x02, 'in '),
  frame(0x89, 'ping in between'),
  frame(0x00, ''),
  frame(0x00, 'four '),
  frame(0x80, 'frames'),
  frame(0x81, 'text'),
  frame(0x02, ''),
  frame(0x80, ''),
  frame(0x82, long),
  frame(0x88, Buffer.of(3, 232)),
]);
const messages = ['', 'one', 'in four frames', 'text', '', long];

test('puts nothing wrong together, wherever the bytes are cut', () => {
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const heard = new Heard();
    const reader = new FrameReader(heard);
    expect(reader.read(stream.subarray(0, cut))).toBe(cut);
    expect(reader.read(stream.subarray(cut))).toBe(stream.length - cut);
    expect(heard.messages).toEqual(messages);
    expect(heard.controls).toEqual([
      [9, 'ping in between'],
      [8, '\x03\xe8'],
    ]);
  }
});

test('byte by byte, and a length of eight bytes', () => {
  const heard = new Heard();
  const reader = new FrameReader(heard);
  for (const byte of Buffer.concat([stream, frame(0x82, huge)])) reader.read(Buffer.of(byte));
  expect(heard.messages).toEqual([...messages, huge]);
});

test('stops where the listener wants no more, and goes on from there', () => {
  const pieces: string[] = [];
  const reader = new FrameReader({
    onPiece: (piece) => {
      pieces.push(piece.toString());
      return false;
    },
    onControl: () => {},
  });
  const bytes = Buffer.concat([frame(0x82, 'first'), frame(0x82, 'second')]);
  const at = reader.read(bytes);
  expect(pieces).toEqual(['first']);
  reader.read(bytes.subarray(at));
  expect(pieces).toEqual(['first', 'second']);
});

test.each([
  ['a reserved bit', [0xc2, 0], 1002],
  ['a mask', [0x82, 0x81, 0, 0, 0, 0, 0], 1002],
  ['a continuation of nothing', [0x80, 0], 1002],
  ['a message within another', [0x02, 0, 0x82, 0], 1002],
  ['an opcode that is none', [0x83, 0], 1002],
  ['a control opcode that is none', [0x8b, 0], 1002],
  ['a ping in parts', [0x09, 0], 1002],
  ['a ping that is too long', [0x89, 126, 0, 126], 1002],
  ['a length beyond all bounds', [0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255], 1009],
])('refuses %s', (_, bytes, code) => {
  const reader = new FrameReader(new Heard());
  expect(() => reader.read(Buffer.from(bytes))).toThrow(expect.objectContaining({ code }));
});
