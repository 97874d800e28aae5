import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

// Kubernetes' conformance tests restated; runs against `KUBECONFIG` when that is set.
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/conformance/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
