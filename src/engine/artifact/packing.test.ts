import { randomBytes } from 'node:crypto';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createUnpacker, packingOf } from './packing.ts';

/** Larger than what is unpacked in one go, and every other part of it cannot be made smaller. */
const content = Buffer.concat([
  Buffer.alloc(700_000, 'orders and customers, '),
  randomBytes(300_000),
  Buffer.alloc(123_456),
]);
const halves = [content.subarray(0, 400_000), content.subarray(400_000)] as const;
const skippable = Buffer.concat([Buffer.of(0x52, 0x2a, 0x4d, 0x18, 5, 0, 0, 0), Buffer.alloc(5)]);

const packed: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(content, { level: 1 }),
  'gzip in two members': Buffer.concat(halves.map((half) => gzipSync(half, { level: 1 }))),
  zstd: zstdCompressSync(content),
  'zstd in frames, one of them empty, one to skip': Buffer.concat([
    zstdCompressSync(halves[0]),
    skippable,
    zstdCompressSync(Buffer.alloc(0)),
    zstdCompressSync(halves[1]),
  ]),
};

async function unpack(bytes: Buffer, sizes: readonly number[], slowly: boolean): Promise<Buffer> {
  const out: Buffer[] = [];
  const unpacker = createUnpacker(packingOf(bytes) ?? 'gzip', (chunk) => {
    if (!slowly) return void out.push(Buffer.from(chunk));
    return new Promise((resolve) => {
      setImmediate(() => {
        out.push(Buffer.from(chunk));
        resolve();
      });
    });
  });
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const lent = Buffer.from(bytes.subarray(at, at + (sizes[turn % sizes.length] as number)));
    await unpacker.write(lent);
    at += lent.length;
    lent.fill(0);
  }
  await unpacker.end();
  return Buffer.concat(out);
}

const someSizes = fc.array(fc.integer({ min: 20_000, max: 400_000 }), { minLength: 1 });

test.each(Object.keys(packed))(
  '%s is unpacked whole, however it is cut and taken',
  async (name) => {
    const bytes = packed[name] as Buffer;
    await fc.assert(
      fc.asyncProperty(someSizes, fc.boolean(), async (sizes, slowly) => {
        expect((await unpack(bytes, sizes, slowly)).equals(content)).toBe(true);
      }),
      { numRuns: 6 },
    );
  },
);

test.each([
  ['gzip', packed['gzip'] as Buffer],
  ['zstd', zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
])('%s ends in an error wherever it is damaged or cut', async (_, bytes) => {
  for (let at = 10; at < bytes.length - 80; at += 29_999) {
    const damaged = Buffer.from(bytes).fill(0xff, at, at + 64);
    for (const each of [damaged, bytes.subarray(0, at)]) {
      await expect(unpack(each, [100_000], at % 2 === 0), `at byte ${at}`).rejects.toMatchObject({
        code: 'artifact-corrupt',
      });
    }
  }
});

test('what takes the content may refuse it', async () => {
  const refusal = new Error('seen enough');
  for (const bytes of [packed['gzip'] as Buffer, packed['zstd'] as Buffer]) {
    const unpacker = createUnpacker(packingOf(bytes) ?? 'gzip', () => {
      throw refusal;
    });
    const written = (async () => {
      await unpacker.write(bytes);
      await unpacker.end();
    })();
    await expect(written).rejects.toBe(refusal);
  }
});
