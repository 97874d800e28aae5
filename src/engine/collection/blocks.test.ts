import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Blocks } from './blocks.ts';

const mebibyte = 1024 * 1024;

function never(error: unknown): void {
  throw error;
}

/** As exec does: one buffer for everything, and no more while a promise is pending. */
async function send(blocks: Blocks, bytes: Buffer, pieceBytes: () => number): Promise<number> {
  const buffer = Buffer.alloc(64 * 1024);
  let held = 0;
  for (let at = 0; at < bytes.length;) {
    const length = bytes.copy(buffer, 0, at, at + pieceBytes());
    const taken = blocks.take(buffer.subarray(0, length));
    buffer.fill(0);
    at += length;
    if (!taken) continue;
    expect(blocks.isHeld).toBe(true);
    held += 1;
    await taken;
  }
  return held;
}

test('hands on everything in its order, and holds back while the work is slow', async () => {
  const bytes = randomBytes(9 * mebibyte + 12_345);
  const got: Buffer[] = [];
  let most = 0;
  const blocks = new Blocks(async (block) => {
    const before = Buffer.from(block);
    await sleep(1);
    // Nobody may have written into it meanwhile.
    expect(block.equals(before)).toBe(true);
    got.push(before);
    most = Math.max(most, block.length);
  }, never);
  const held = await send(blocks, bytes, () => 1 + Math.floor(Math.random() * 65_536));
  await expect.poll(() => Buffer.concat(got).equals(bytes)).toBe(true);
  expect(held).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(mebibyte);
  await blocks.close();
});

test('less than a block does not wait for more for ever', async () => {
  const got: string[] = [];
  const blocks = new Blocks(async (block) => {
    got.push(block.toString());
    await Promise.resolve();
  }, never);
  for (const word of ['a', 'few', 'words']) {
    void blocks.take(Buffer.from(word));
    await expect.poll(() => got.at(-1)).toBe(word);
  }
  await blocks.close();
});

test('what fails is told once; then nothing is taken and nobody waits', async () => {
  const errors: unknown[] = [];
  const blocks = new Blocks(
    async () => {
      await Promise.resolve();
      throw new Error('disk full');
    },
    (error) => errors.push(error),
  );
  await send(blocks, randomBytes(4 * mebibyte), () => 65_536);
  await blocks.close();
  expect(errors).toEqual([new Error('disk full')]);
  expect(blocks.isHeld).toBe(false);
});

test('close waits for the work under way, and drops the rest', async () => {
  let begun = 0;
  let done = 0;
  const blocks = new Blocks(async () => {
    begun += 1;
    await sleep(20);
    done += 1;
  }, never);
  void blocks.take(Buffer.alloc(3 * mebibyte));
  await blocks.close();
  expect([begun, done]).toEqual([1, 1]);
});
