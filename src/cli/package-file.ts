import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a file of this package lies; its root is beside both src/ and dist/. */
export function packageFile(...parts: readonly string[]): string {
  const manifest = fileURLToPath(import.meta.resolve('kubectl-pitstop/package.json'));
  return join(dirname(manifest), ...parts);
}
