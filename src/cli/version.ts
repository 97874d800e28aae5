import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Of the package's own package.json, which lies beside both src/ and dist/. */
export async function readVersion(): Promise<string> {
  const path = fileURLToPath(import.meta.resolve('kubectl-pitstop/package.json'));
  return (JSON.parse(await readFile(path, 'utf8')) as { version: string }).version;
}
