import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { FramePool } from './frame-pool.ts';

// Exported, though `@types/ws` does not say so.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

/** What a client makes of the frame; ws refuses a length that is written longer than it must be. */
function received(frame: Buffer): Promise<Buffer> {
  const receiver = new Receiver({ isServer: false });
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  receiver.on('message', resolve);
  receiver.on('error', reject);
  receiver.write(frame);
  return promise;
}

test.each([0, 1, 124, 125, 126, 65_534, 65_535, 65_536, 70_000])(
  'a message of %i bytes arrives on its channel',
  async (size) => {
    const data = randomBytes(size);
    const message = await received(new FramePool(1).fill(data));
    expect(message[0]).toBe(1);
    expect(message.subarray(1).equals(data)).toBe(true);
  },
);

test('memory that was given back carries nothing of what it held', async () => {
  const pool = new FramePool(2);
  const long = pool.fill(randomBytes(65_536));
  pool.giveBack(long);
  const short = pool.fill(Buffer.from('short'));
  expect(short.buffer).toBe(long.buffer);
  expect((await received(short)).toString()).toBe('\u0002short');
});

test('memory is not used again before it is given back', () => {
  const pool = new FramePool(1);
  expect(pool.fill(Buffer.from('a')).buffer).not.toBe(pool.fill(Buffer.from('b')).buffer);
});
