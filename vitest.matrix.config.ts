import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

// The engine against everything that can go wrong: every write killed, every call failed, generated
// worlds, each route under traffic; the cluster started and stopped a hundred times. Takes longer
// than CI has; for a change of the engine, or of how the cluster starts.
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/matrix/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 1_800_000,
    hookTimeout: 120_000,
  },
});
