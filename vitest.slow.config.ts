import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

// What takes minutes: fuzzing, a hundred starts and stops, every kubectl version.
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/slow/**/*.test.ts'],
    globalSetup: ['test/support/build.ts', 'test/kubectl-versions/install.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
