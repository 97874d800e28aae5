import { expect, test } from 'vitest';
import { addFields, emptyLayout, mirrorBytes } from './layout.ts';
import { createMemoryEvidence, type MemoryModel } from './memory-model.ts';

const object = 2;
const [boolean, byte, short, int, long] = [4, 8, 9, 10, 11] as const;
const model: MemoryModel = {
  headerBytes: 12,
  arrayBaseBytes: 16,
  objectArrayBaseBytes: 16,
  referenceBytes: 4,
  alignment: 8,
};

test.each([
  ['the gap before a long is filled', [[long, int]], 24, 24],
  ['a subclass uses its superclass’s gap since JDK 15', [[long], [int]], 24, 28],
  ['small fields begin where they can since JDK 15', [[boolean], [byte, short]], 16, 19],
  ['references come last', [[object, object, byte]], 24, 24],
] as const)('%s', (_, classes, modern, old) => {
  const endOf = (fillsGaps: boolean) =>
    classes.reduce(
      (layout, types) => addFields(layout, types, { model, fillsGaps }),
      emptyLayout(model.headerBytes),
    ).end;
  expect({ modern: endOf(true), old: endOf(false) }).toEqual({ modern, old });
});

test('static fields lie behind the object that a class is', () => {
  expect(mirrorBytes(112, [object, long, int], model)).toBe(128);
  expect(mirrorBytes(112, [], model)).toBe(112);
});

test.each([
  [
    { base: 16, object: [16, 4] },
    { headerBytes: 12, referenceBytes: 4 },
  ],
  [
    { base: 16, object: [16, 8] },
    { headerBytes: 12, referenceBytes: 8 },
  ],
  [
    { base: 24, object: [24, 8] },
    { headerBytes: 16, referenceBytes: 8 },
  ],
  [
    { base: 12, object: [12, 4] },
    { headerBytes: 8, referenceBytes: 4 },
  ],
] as const)('memory of %j is told by the places of arrays', (real, derived) => {
  const evidence = createMemoryEvidence();
  const round = (bytes: number) => Math.ceil(bytes / 8) * 8;
  for (let length = 0; length < 100; length += 1) {
    evidence.addresses(1, length * 1000);
    evidence.arrayDistance(byte, length, round(real.base + length));
    const [base, size] = real.object;
    // One in ten is followed by a hole.
    evidence.arrayDistance(object, length, round(base + size * length) + (length % 10 ? 0 : 512));
  }
  expect(evidence.derive(8)).toMatchObject(derived);
});
