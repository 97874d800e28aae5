import { readFile } from 'node:fs/promises';
import { packageFile } from './package-file.ts';

/** The package's own version. */
export async function readVersion(): Promise<string> {
  return (JSON.parse(await readFile(packageFile('package.json'), 'utf8')) as { version: string })
    .version;
}
