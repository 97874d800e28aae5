import { defineConfig } from 'vitest/config';
import { longFirst } from './test/support/long-first.ts';
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
    // From 165 s down to 45 s.
    sequence: {
      sequencer: longFirst([
        'kubectl-walk.test.ts',
        'note-versions.test.ts',
        'fuzz.test.ts',
        'runtimes.test.ts',
        'launch/cluster.test.ts',
        'slow/demo.test.ts',
        'slow/selector.test.ts',
        'data-plane.test.ts',
        'node-loss.test.ts',
        'jvm-matrix.test.ts',
        'preflight.test.ts',
        'kubelet/kubelet.test.ts',
        'memory.test.ts',
      ]),
    },
  },
});
