import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { Findings } from '../findings.ts';
import { createHeapSnapshotCheck } from './heap-snapshot.ts';

function check(...chunks: readonly Buffer[]): Findings {
  const walk = createHeapSnapshotCheck();
  for (const chunk of chunks) walk.write(chunk);
  walk.end();
  return walk.findings(10);
}

const small = JSON.stringify({
  snapshot: {
    meta: {
      node_fields: ['type', 'name', 'self_size'],
      node_types: [['hidden', 'array', 'object'], 'string', 'number'],
      edge_fields: ['type', 'to_node'],
    },
    node_count: 2,
    edge_count: 3,
  },
  nodes: [1, 0, 100, 2, 1, 1_000_000],
  edges: [0, 0, 1, 3, 1, -0.5],
  trace_tree: [],
  samples: [[{ a: null }, true, false]],
  strings: ['a "quoted" \\ string', 'ü', '', 'x'],
}).replaceAll(',', ',\n');

test('counts what the snapshot holds, by constructor or kind', () => {
  const { facts, tables } = check(Buffer.from(small));
  expect(facts).toEqual(['2 objects, 976.7 KiB', '3 references', '4 strings']);
  expect(tables[0]).toMatchObject({
    rows: [
      { name: 'ü', count: 1, value: 1_000_000 },
      { name: '(array)', count: 1, value: 100 },
    ],
    total: { count: 2, value: 1_000_100 },
  });
});

test('reads the same however the bytes are cut into chunks', () => {
  const bytes = Buffer.from(small);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = edges.slice(1).map((end, at) => bytes.subarray(edges[at], end));
      expect(check(...chunks)).toEqual(check(bytes));
    }),
  );
});

test('is known to be cut short wherever it is cut', () => {
  const bytes = Buffer.from(small);
  for (let length = 0; length < bytes.length; length += 1) {
    expect(() => check(bytes.subarray(0, length)), `${length} bytes`).toThrow(
      /not a whole heap snapshot/,
    );
  }
});

test.each([
  ['nodes missing', small.replace('"nodes":[1,', '"nodes":['), /instead of 2 and 3/],
  ['a comma too many', small.replace('"edges":[0', '"edges":[0,'), /unexpected ","/],
  ['a bare word', small.replace('null', 'nill'), /"nill" is no value/],
  ['text after the end', `${small}x`, /the document is not over|unexpected/],
  ['a second document', `${small}{}`, /unexpected value/],
  ['another JSON document', '{"nodes":[]}', /no snapshot.meta/],
  ['a wrong bracket', small.replace('"trace_tree":[]', '"trace_tree":[}'), /unexpected end/],
  ['a leading zero', small.replace('"nodes":[1', '"nodes":[01'), /"01" is no value/],
])('refuses %s', (_, text, message) => {
  expect(() => check(Buffer.from(text))).toThrow(message);
});

test('agrees with JSON.parse on any document of the right outline, whole or with a byte missing', () => {
  fc.assert(
    fc.property(fc.json(), fc.integer({ min: 0, max: 400 }), (json, at) => {
      const text = small.replace('"trace_tree":[]', () => `"trace_tree":${json}`);
      expect(isRefused(text)).toBe(false);
      const cut = text.slice(0, at) + text.slice(at + 1);
      // Well-formed JSON may still be refused: its counts or its meta may be what was hit.
      expect(isRefused(cut) || isJson(cut)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

function isRefused(text: string): boolean {
  try {
    check(Buffer.from(text));
    return false;
  } catch {
    return true;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('a snapshot that V8 wrote is whole, and every truncation of it is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'a.heapsnapshot');
  execFileSync(process.execPath, [
    '-e',
    `require('v8').writeHeapSnapshot(${JSON.stringify(file)})`,
  ]);
  const bytes = readFileSync(file);
  expect(check(bytes).facts[0]).toMatch(/^[\d,]+ objects, [\d.]+ MiB$/);
  const rows = check(bytes).tables[0]?.rows;
  expect(rows?.map(({ name }) => name)).toContain('(compiled code)');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bytes.lastIndexOf('}') - 1 }), (length) => {
      expect(() => check(bytes.subarray(0, length))).toThrow(/not a whole heap snapshot/);
    }),
    { numRuns: 10 },
  );
});
