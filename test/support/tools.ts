import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether all of these programs are on the PATH. */
export function hasTools(...names: readonly string[]): boolean {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return names.every((name) => directories.some((directory) => existsSync(join(directory, name))));
}
