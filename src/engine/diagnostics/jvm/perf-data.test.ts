import { expect, it } from 'vitest';
import { parsePerfData } from './perf-data.ts';

/** A perf data file of those long counters, and of a string that must be skipped. */
function file(counters: Readonly<Record<string, number>>, little = true): string {
  const entries = Object.entries(counters).map(([name, value]) => {
    const nameBytes = Math.ceil((name.length + 1) / 8) * 8;
    const entry = Buffer.alloc(24 + nameBytes + 8);
    const int = (number: number, at: number) =>
      little ? entry.writeInt32LE(number, at) : entry.writeInt32BE(number, at);
    int(entry.length, 0);
    int(24, 4);
    int(0, 8);
    entry.write('J', 12, 'latin1');
    int(24 + nameBytes, 16);
    entry.write(name, 24, 'latin1');
    if (little) entry.writeBigInt64LE(BigInt(value), 24 + nameBytes);
    else entry.writeBigInt64BE(BigInt(value), 24 + nameBytes);
    return entry;
  });
  const head = Buffer.alloc(32);
  head.writeUInt32BE(0xcafec0c0, 0);
  head[4] = little ? 1 : 0;
  if (little) {
    head.writeInt32LE(32, 24);
    head.writeInt32LE(entries.length, 28);
  } else {
    head.writeInt32BE(32, 24);
    head.writeInt32BE(entries.length, 28);
  }
  const hex = Buffer.concat([head, ...entries]).toString('hex');
  // As `od -An -v -tx1` prints it.
  return hex.replaceAll(/(..)/g, ' $1').replaceAll(/(.{48})/g, '$1\n');
}

const counters = {
  'sun.gc.generation.0.space.0.capacity': 55_000_000,
  'sun.gc.generation.0.space.0.used': 30_000_000,
  'sun.gc.generation.0.space.2.capacity': 7_000_000,
  'sun.gc.generation.0.space.2.used': 6_000_000,
  'sun.gc.generation.1.space.0.capacity': 900_000_000,
  'sun.gc.generation.1.space.0.used': 283_000_000,
  'sun.os.hrt.frequency': 1_000_000_000,
  'sun.rt.safepointTime': 75_000_000,
};

it.each([true, false])('bounds the live heap from the spaces (little endian: %s)', (little) => {
  expect(parsePerfData(file(counters, little))).toEqual({
    heapBytes: 344_000_000,
    stoodStillMs: 75,
  });
});

it('knows how long the full collections of this JVM have been', () => {
  const collected = {
    ...counters,
    'sun.gc.collector.1.invocations': 4,
    'sun.gc.collector.1.time': 2_000_000_000,
  };
  expect(parsePerfData(file(collected))).toMatchObject({ fullCollectionMs: 500 });
});

it('tells nothing of the heap of a JVM that has not collected yet, nor of what is no such file', () => {
  expect(
    parsePerfData(
      file({
        'sun.gc.generation.0.space.0.capacity': 55,
        'sun.gc.generation.0.space.0.used': 0,
        'sun.gc.generation.1.space.0.used': 0,
      }),
    ),
  ).toEqual({});
  expect(parsePerfData('')).toBeUndefined();
  expect(parsePerfData('ca fe ba be '.repeat(20))).toBeUndefined();
});
