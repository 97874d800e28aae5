import { delimiter, dirname } from 'node:path';

/** PATH of the containers: this process's own, and the directory of its node binary. */
export function containerPath(): string {
  const own = dirname(process.execPath);
  const given = (process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter);
  return [...new Set([own, ...given.filter((entry) => entry.startsWith('/'))])].join(delimiter);
}
