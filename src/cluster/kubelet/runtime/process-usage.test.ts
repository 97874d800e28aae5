import { expect, test } from 'vitest';
import { usageOf } from './process-usage.ts';

test.skipIf(process.platform !== 'linux')('counts the memory and the time of a process', () => {
  const { memoryBytes, cpuMs } = usageOf(process.pid);
  expect(memoryBytes).toBeGreaterThan(10_000_000);
  expect(cpuMs).toBeGreaterThan(0);
  expect(usageOf(2 ** 30)).toEqual({ memoryBytes: 0, cpuMs: 0 });
});
