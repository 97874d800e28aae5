import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BadContent, type FormatCheck } from './format-check.ts';
import { recognize } from './formats.ts';
import { inspectFile, inspectStream } from './inspect.ts';

async function look(...chunks: readonly Buffer[]) {
  return await inspectStream('-', Readable.from(chunks));
}

function pprof(): Buffer {
  const message = (number: number, ...body: readonly Buffer[]) => {
    const bytes = Buffer.concat(body);
    return Buffer.concat([Buffer.of(number * 8 + 2, bytes.length), bytes]);
  };
  const number = (field: number, value: number) => Buffer.of(field * 8, value);
  const text = (value: string) => message(6, Buffer.from(value));
  const sample = (locations: readonly number[], values: readonly number[]) =>
    message(2, message(1, Buffer.from(locations)), message(2, Buffer.from(values)));
  return Buffer.concat([
    message(1, number(1, 1), number(2, 2)),
    message(1, number(1, 3), number(2, 4)),
    sample([1, 2], [3, 30]),
    sample([2], [1, 100]),
    sample([1], [2, 20]),
    message(4, number(1, 1), message(4, number(1, 7), number(2, 12))),
    message(4, number(1, 2), number(3, 0x40)),
    message(5, number(1, 7), number(2, 5)),
    ...['', 'samples', 'count', 'cpu', 'nanoseconds', 'main.work'].map(text),
    number(10, 100),
  ]);
}

const threadDump = `2026-11-23 10:00:00
Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):

"main" #1 prio=5 os_prio=0 cpu=1.00ms elapsed=2.00s tid=0x00007f nid=0x1 waiting on condition  [0x0]
   java.lang.Thread.State: TIMED_WAITING (sleeping)
\tat java.lang.Thread.sleep(java.base@17.0.15/Native Method)
\tat Main.main(Main.java:3)

"worker" #9 daemon prio=5 os_prio=0 cpu=1.00ms elapsed=2.00s tid=0x00007e nid=0x2 runnable  [0x0]
   java.lang.Thread.State: RUNNABLE
\tat java.lang.Thread.sleep(java.base@17.0.15/Native Method)

"GC Thread#0" os_prio=0 cpu=1.00ms elapsed=2.00s tid=0x00007d nid=0x3 runnable

JNI global refs: 15, weak refs: 0
`;

const histogram = ` num     #instances         #bytes  class name (module)
-------------------------------------------------------
   1:            10           2400  [B (java.base@17.0.15)
   2:             3            720  shop.Order
Total            13           3120
`;

const cpuProfile = JSON.stringify({
  nodes: [
    { id: 1, callFrame: { functionName: '(root)' }, children: [2] },
    { id: 2, callFrame: { functionName: 'work', url: 'a.js', lineNumber: 4 } },
  ],
  startTime: 0,
  endTime: 6000,
  samples: [2, 2, 1],
  timeDeltas: [0, 2000, 4000],
});

const heapProfile = JSON.stringify({
  head: {
    callFrame: { functionName: '(root)' },
    selfSize: 0,
    children: [{ callFrame: { functionName: 'fill', url: 'b.js', lineNumber: 0 }, selfSize: 4096 }],
  },
  samples: [{ size: 4096, nodeId: 2, ordinal: 1 }],
});

const speedscope = JSON.stringify({
  $schema: 'https://www.speedscope.app/file-format-schema.json',
  shared: { frames: [{ name: 'main', file: 'app.py', line: 3 }, { name: 'work' }] },
  profiles: [{ type: 'sampled', unit: 'seconds', samples: [[0, 1], [0]], weights: [0.5, 0.25] }],
});

function core(): Buffer {
  const bytes = Buffer.alloc(64 + 2 * 56 + 100);
  bytes.write('\u007fELF\u0002\u0001\u0001', 'latin1');
  bytes.writeUInt16LE(4, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  for (const [at, type] of [4, 1].entries()) {
    const entry = 64 + at * 56;
    bytes.writeUInt32LE(type, entry);
    bytes.writeBigUInt64LE(BigInt(176 + at * 40), entry + 8);
    bytes.writeBigUInt64LE(BigInt(40 + at * 20), entry + 32);
  }
  return bytes;
}

/** An archive of the files as ustar has them. */
function tar(files: Readonly<Record<string, Buffer>>): Buffer {
  const entries = Object.entries(files).map(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write(content.length.toString(8).padStart(11, '0'), 124);
    header.write('        0', 148);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
  });
  return Buffer.concat([...entries, Buffer.alloc(1024)]);
}

const dotnet = Buffer.concat([Buffer.of(20, 0, 0, 0), Buffer.from('!FastSerialization.1')]);

const whole: Readonly<Record<string, { content: Buffer; rows?: readonly string[] }>> = {
  pprof: { content: pprof(), rows: ['0x40 1 100', 'main.work 5 50'] },
  threads: { content: Buffer.from(threadDump), rows: ['RUNNABLE  1', 'TIMED_WAITING  1'] },
  histogram: { content: Buffer.from(histogram), rows: ['byte[] 10 2400', 'shop.Order 3 720'] },
  cpuprofile: { content: Buffer.from(cpuProfile), rows: ['work (a.js:5) 2 6000000', '(root) 1 0'] },
  heapprofile: { content: Buffer.from(heapProfile), rows: ['fill (b.js:1)  4096'] },
  speedscope: {
    content: Buffer.from(speedscope),
    rows: ['work 1 500000000', 'main (app.py:3) 1 250000000'],
  },
  core: { content: core() },
  nettrace: { content: Buffer.concat([Buffer.from('Nettrace'), dotnet, Buffer.of(9, 9, 1)]) },
  tar: {
    content: tar({ 'a/h.txt': Buffer.from(histogram), 'b.bin': Buffer.alloc(700, 7) }),
    rows: ['byte[] 10 2400', 'shop.Order 3 720'],
  },
};

describe.each(Object.entries(whole))('%s', (name, { content, rows }) => {
  test('is known by its content, whole, and told', async () => {
    const inspection = await look(content);
    expect(inspection).toMatchObject({ format: name, state: 'whole', sizeBytes: content.length });
    const [table] = inspection.tables;
    const told = table?.rows.map((row) => `${row.name} ${row.count ?? ''} ${row.value}`);
    expect(told).toEqual(rows);
  });

  test('reads the same however the bytes are cut into chunks', () => {
    const read = (chunks: readonly Buffer[]) => {
      const check = recognize(content)?.create?.() as FormatCheck;
      for (const chunk of chunks) check.write(chunk);
      check.end();
      return check.findings(10);
    };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: content.length })), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), content.length];
        const chunks = edges.slice(1).map((end, at) => content.subarray(edges[at], end));
        expect(read(chunks)).toEqual(read([content]));
      }),
    );
  });
});

// Protobuf does not say where it ends, and zeros may follow an archive.
const endless: Readonly<Record<string, number>> = { tar: 1023, threads: 0, histogram: 0 };

test.each(Object.keys(whole).filter((name) => name !== 'pprof'))(
  'a truncated %s is told as such',
  (name) => {
    const { content } = whole[name] as { content: Buffer };
    const end = content.length - (endless[name] ?? 0);
    for (let length = 1; length < end; length += 1) {
      const check = recognize(content)?.create?.() as FormatCheck;
      const read = () => {
        check.write(content.subarray(0, length));
        check.end();
      };
      expect(read, `${length} bytes`).toThrow(BadContent);
    }
  },
);

test('what is packed is looked into', async () => {
  const { content } = whole['histogram'] as { content: Buffer };
  for (const [packing, pack] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    const packed = pack(tar({ 'h.txt': content }));
    expect(await look(packed)).toMatchObject({ format: 'tar', packing: [packing], state: 'whole' });
    const cut = packed.subarray(0, packed.length - 3);
    expect(await look(cut)).toMatchObject({ packing: [packing], state: 'truncated' });
  }
  // Each range that was kept compressed is a member or a frame of its own.
  for (const pack of [gzipSync, zstdCompressSync]) {
    const packed = [content.subarray(0, 100), content.subarray(100)].map((part) => pack(part));
    expect(await look(Buffer.concat(packed))).toMatchObject({
      format: 'histogram',
      state: 'whole',
    });
    const cut = Buffer.concat([...packed, packed[0] as Buffer]).subarray(0, -2);
    expect(await look(cut)).toMatchObject({ format: 'histogram', state: 'truncated' });
  }
  const twice = gzipSync(gzipSync(content));
  expect(await look(twice)).toMatchObject({ format: 'histogram', packing: ['gzip', 'gzip'] });
});

test('a damaged file in an archive is told by its name', async () => {
  const { content } = whole['histogram'] as { content: Buffer };
  const archive = tar({ 'h.txt': content.subarray(0, 150) });
  const { state, problem } = await look(archive);
  expect({ state, message: problem?.message }).toEqual({
    state: 'truncated',
    message: expect.stringContaining('h.txt in it is not a whole class histogram') as string,
  });
});

test.each([
  ['', 'empty'],
  ['PK\u0003\u0004x', 'ZIP archive (or JAR)'],
  ['hello\n', 'text'],
  ['\u0000\u0001\u0002', 'unknown binary data'],
])('%j is guessed to be %s', async (content, title) => {
  expect(await look(Buffer.from(content))).toMatchObject({
    format: 'unknown',
    state: 'unknown',
    title,
  });
});

test('a file that cannot be read is told by its name', async () => {
  await expect(inspectFile('/none/such')).rejects.toMatchObject({
    code: 'file-unreadable',
    message: '/none/such: there is no such file',
  });
});

const hasJfr = (() => {
  try {
    execFileSync('jfr', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.runIf(hasJfr)('a recording has the events that the JDK counts in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jfr-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'a.jfr');
  execFileSync('java', [`-XX:StartFlightRecording:filename=${file}`, '-version'], {
    stdio: 'ignore',
  });
  const inspection = await inspectFile(file, { top: 1000 });
  expect(inspection).toMatchObject({ format: 'jfr', state: 'whole' });
  const summary = execFileSync('jfr', ['summary', file], { encoding: 'utf8' });
  const counted = [...summary.matchAll(/^ (jdk\.\S+)\s+(\d+)\s/gm)].filter(
    ([, name, count]) => count !== '0' && name !== 'jdk.Metadata' && name !== 'jdk.CheckPoint',
  );
  const ours = new Map(inspection.tables[0]?.rows.map(({ name, value }) => [name, value]));
  expect(Object.fromEntries(ours)).toEqual(
    Object.fromEntries(counted.map(([, name, count]) => [name, Number(count)])),
  );
  const bytes = readFileSync(file);
  for (const length of [4, 60, 68, 1000, bytes.length - 1]) {
    expect(await look(bytes.subarray(0, length))).toMatchObject({
      state: 'truncated',
    });
  }
});
