import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Findings } from '../findings.ts';
import { createHprofCheck } from './hprof-check.ts';

function check(...chunks: readonly Buffer[]): Findings {
  const walk = createHprofCheck();
  for (const chunk of chunks) walk.write(chunk);
  walk.end();
  return walk.findings(1000);
}

/** A dump by hand: one class with a static and a field, three instances, two arrays, two roots. */
function handMade({ idSize = 8, segments = true } = {}): Buffer {
  const u1 = (value: number) => Buffer.of(value);
  const u2 = (value: number) => Buffer.from([value >> 8, value & 255]);
  const u4 = (value: number) =>
    Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
  const id = (value: number) => Buffer.concat([Buffer.alloc(idSize - 4), u4(value)]);
  const record = (tag: number, ...body: Buffer[]) => {
    const bytes = Buffer.concat(body);
    return Buffer.concat([u1(tag), u4(0), u4(bytes.length), bytes]);
  };
  const classDump = Buffer.concat([
    u1(0x20),
    id(100),
    u4(0),
    id(0),
    id(0),
    id(0),
    id(0),
    id(0),
    id(0),
    u4(8),
    u2(1),
    u2(7),
    u1(10),
    u4(5),
    u2(1),
    id(2),
    u1(2),
    id(0),
    u2(1),
    id(2),
    u1(10),
  ]);
  const instance = Buffer.concat([u1(0x21), id(200), u4(0), id(100), u4(4), u4(42)]);
  const objects = Buffer.concat([u1(0x22), id(201), u4(0), u4(2), id(101), id(200), id(0)]);
  const bytes = Buffer.concat([u1(0x23), id(202), u4(0), u4(3), u1(8), Buffer.from('abc')]);
  const roots = Buffer.concat([u1(0xff), id(1), u1(0x08), id(2), u4(0), u4(0)]);
  const heap = [roots, classDump, instance, instance, instance, objects, bytes];
  return Buffer.concat([
    Buffer.from(`JAVA PROFILE 1.0.${segments ? 2 : 1}\0`),
    u4(idSize),
    u4(0),
    u4(1_700_000),
    record(0x01, id(1), Buffer.from('shop/Order')),
    record(0x01, id(3), Buffer.from('[Lshop/Order;')),
    record(0x02, u4(1), id(100), u4(0), id(1)),
    record(0x02, u4(2), id(101), u4(0), id(3)),
    record(0x04, id(1), id(1), id(1), id(1), u4(0), u4(0)),
    ...(segments ? [record(0x1c, ...heap), record(0x1c), record(0x2c)] : [record(0x0c, ...heap)]),
  ]);
}

describe.each([
  { idSize: 8, segments: true },
  { idSize: 4, segments: true },
  { idSize: 8, segments: false },
])('a dump with $idSize-byte identifiers, segments: $segments', (shape) => {
  const dump = handMade(shape);

  test('is walked to its end and counted', () => {
    const { facts, tables } = check(dump);
    expect(facts[0]).toMatch(/^5 objects of 1 classes, /);
    expect(tables[0]?.rows.map(({ name, count }) => `${name} ${count}`).sort()).toEqual([
      'byte[] 1',
      'shop.Order 3',
      'shop.Order[] 1',
    ]);
  });

  test('reads the same however the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: dump.length })), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), dump.length];
        const chunks = edges.slice(1).map((end, at) => dump.subarray(edges[at], end));
        expect(check(...chunks)).toEqual(check(dump));
      }),
    );
  });

  test('reads the same in two chunks, wherever the first one ends, and byte by byte', () => {
    const whole = check(dump);
    for (let cut = 0; cut <= dump.length; cut += 1) {
      expect(check(dump.subarray(0, cut), dump.subarray(cut)), `${cut} bytes`).toEqual(whole);
    }
    expect(check(...[...dump].map((byte) => Buffer.of(byte)))).toEqual(whole);
  });

  test('is known to be cut short wherever it is cut', () => {
    for (let length = 0; length < dump.length; length += 1) {
      expect(() => check(dump.subarray(0, length)), `${length} bytes`).toThrow(/not a whole HPROF/);
    }
  });
});

test('a single record too long for its length says 0, and goes to the end', () => {
  const dump = handMade({ segments: false });
  const endless = Buffer.from(dump);
  const recordAt = dump.indexOf(Buffer.from([0x0c, 0, 0, 0, 0]));
  endless.writeUInt32BE(0, recordAt + 5);
  expect(check(endless)).toEqual(check(dump));
  expect(() => check(endless.subarray(0, -1))).toThrow(/not a whole HPROF/);
});

test('names the byte where garbage begins', () => {
  const dump = handMade();
  const broken = Buffer.from(dump);
  const heapAt = dump.indexOf(Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1]));
  broken[heapAt] = 0x77;
  expect(() => check(broken)).toThrow(
    `not a whole HPROF: unknown heap record 0x77 at byte ${heapAt}`,
  );
  expect(() => check(Buffer.from('PK\u0003\u0004 something else'))).toThrow(
    'no "JAVA PROFILE" header at byte 0',
  );
});

const hasJava = (() => {
  try {
    execFileSync('javac', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.runIf(hasJava)(
  'a dump that a JVM wrote reads the same in any chunks, and every truncation of it is found',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hprof-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const source = join(folder, 'Dump.java');
    writeFileSync(
      source,
      `import java.lang.management.ManagementFactory;
     public class Dump {
       static class Order { String customer; long[] items = new long[4]; Order next; }
       public static void main(String[] a) throws Exception {
         Order last = null;
         for (int i = 0; i < 1234; i++) { Order o = new Order(); o.customer = "c" + i; o.next = last; last = o; }
         ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class).dumpHeap(a[0], true);
         System.out.print(last.customer);
       }
     }`,
    );
    const file = join(folder, 'heap.hprof');
    execFileSync('javac', ['-d', folder, source]);
    execFileSync('java', ['-Xmx64m', '-XX:+UseSerialGC', '-cp', folder, 'Dump', file]);
    const dump = readFileSync(file);
    const whole = check(dump);
    const { facts } = whole;
    expect(facts[0]).toMatch(/^[\d,]+ objects of [\d,]+ classes, [\d.]+ [KM]iB$/);
    expect(facts.at(-1)).toMatch(/^taken 20\d\d-/);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 61, max: 200_000 }), { minLength: 1 }), (sizes) => {
        const walk = createHprofCheck();
        for (let at = 0, turn = 0; at < dump.length; turn += 1) {
          const size = sizes[turn % sizes.length] as number;
          walk.write(dump.subarray(at, at + size));
          at += size;
        }
        walk.end();
        expect(walk.findings(1000)).toEqual(whole);
      }),
      { numRuns: 10, examples: [[[16_384]], [[61]]] },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: dump.length - 1 }), (length) => {
        expect(() => check(dump.subarray(0, length))).toThrow(/not a whole HPROF/);
      }),
      { numRuns: 30, examples: [[dump.length - 1], [dump.length - 9], [dump.length - 10]] },
    );
  },
);
