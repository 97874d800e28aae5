import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import { parseMemory } from './memory.ts';

const limited: Pod = {
  spec: { containers: [{ name: 'app', resources: { limits: { memory: '1Gi' } } }] },
};
const free: Pod = { spec: { containers: [{ name: 'app' }] } };
const read = (text: string, pod: Pod) =>
  parseMemory(text, { pod, container: 'app', residentBytes: 300 });

it('goes by the cgroup, less the page cache that can be dropped', () => {
  const memory = { limitBytes: 1000, usedBytes: 500 };
  expect(read('1000\n700\n200\n', limited)).toEqual(memory);
  expect(read('1000\n700\n200\n', free)).toEqual(memory);
});

it.each([
  ['cgroup v2 has no limit', 'max\n700\n200\n'],
  ['cgroup v1 has no limit', '9223372036854771712\n700\n200\n'],
  ['the cgroup is hidden', ''],
])('goes by the spec where %s', (_, text) => {
  expect(read(text, limited)).toEqual({ limitBytes: 2 ** 30, usedBytes: 300 });
  expect(read(text, free)).toBeUndefined();
});
