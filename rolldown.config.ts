import { defineConfig } from 'rolldown';
import { builtinsAsCalled } from './scripts/builtins-as-called.ts';
import { kubeconfigAlone } from './scripts/kubeconfig-alone.ts';

// One bundle per entry a user or the system starts by name; shared code lands in dist/chunks.
export default defineConfig({
  input: {
    cli: 'src/cli/main.ts',
    engine: 'src/engine/index.ts',
    cluster: 'src/cluster/index.ts',
    'cluster-node': 'src/cluster/node/main.ts',
  },
  platform: 'node',
  plugins: [builtinsAsCalled(), kubeconfigAlone()],
  treeshake: {
    moduleSideEffects: [{ test: /node_modules\/@kubernetes\/client-node\//, sideEffects: false }],
  },
  external: [/^@lydell\/node-pty/],
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    cleanDir: false,
  },
});
