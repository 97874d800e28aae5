import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSeam } from './seam.ts';

/** Records of one byte that says how many follow; of an even number only the head must be there. */
function readsAll(chunks: readonly Buffer[]) {
  const seen: string[] = [];
  const seam = createSeam((data, offset) => {
    let at = 0;
    while (at < data.length) {
      const length = 1 + (data[at] as number);
      if (length % 2 === 0 && at + length > data.length) return at;
      seen.push(`${offset + at}: ${length}`);
      at += length;
    }
    return at;
  });
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk);
    seam.write(lent);
    // The chunk's memory is used again by whoever lent it.
    lent.fill(0);
  }
  return { seen, isClosed: seam.isClosed(), sizeBytes: seam.sizeBytes() };
}

test('records are read once each, wherever the chunks end', () => {
  const content = fc
    .uint8Array({ maxLength: 2000, size: 'max' })
    .map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(content, fc.array(fc.integer({ min: 1, max: 300 })), (bytes, sizes) => {
      const chunks: Buffer[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(readsAll(chunks)).toEqual(readsAll([bytes]));
    }),
  );
});

test('knows whether the last record is whole', () => {
  const record = Buffer.of(3, 0, 0, 0);
  expect(readsAll([record])).toEqual({ seen: ['0: 4'], isClosed: true, sizeBytes: 4 });
  expect(readsAll([record.subarray(0, 3)]).isClosed).toBe(false);
  expect(readsAll([Buffer.of(2, 0)]).isClosed).toBe(false);
});
