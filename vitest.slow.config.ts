import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

// What takes minutes: fuzzing, real runtimes, every kubectl version, and at every level of isolation
// what the default run does at the best one.
export default defineConfig({
  test: {
    ...base.test,
    include: [
      'test/slow/**/*.test.ts',
      'src/cluster/kubelet/*.test.ts',
      'src/cluster/launch/cluster.test.ts',
    ],
    env: { PITSTOP_TEST_LEVELS: 'all' },
    globalSetup: ['test/support/build.ts', 'test/kubectl-versions/install.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
