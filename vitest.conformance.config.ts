import { defineConfig } from 'vitest/config';
import { longFirst } from './test/support/long-first.ts';
import base from './vitest.config.ts';

// Kubernetes' conformance tests restated; runs against `KUBECONFIG` when that is set.
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/conformance/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: 'test/conformance/support/cluster.ts',
    reporters: ['default', './test/conformance/support/by-sig.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Tests mostly wait, each in a namespace of its own.
    maxWorkers: 6,
    maxConcurrency: 8,
    // What only waits, and for minutes.
    sequence: {
      sequencer: longFirst(['api-machinery/chunking.test.ts', 'node/probes.test.ts']),
    },
  },
});
