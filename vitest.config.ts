import { defineConfig } from 'vitest/config';

const slow = ['test/slow/**', 'test/matrix/**', 'test/conformance/**'];

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', ...slow],
    globalSetup: 'test/support/build.ts',
    reporters: ['default', './test/support/plain-summary.ts'],
    // Two cores, and most suites run a whole cluster with JVMs: more workers only make each slower.
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    retry: 0,
    // A condition that holds a second late, on a machine with other things to do, holds all the same.
    expect: { poll: { timeout: 30_000 } },
  },
});
