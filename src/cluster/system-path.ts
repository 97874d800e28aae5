import { delimiter } from 'node:path';

/** A PATH with the system's tools: an ordinary user's has no sbin, where pivot_root and often ip are. */
export function systemPath(path: string): string {
  return [...new Set([...path.split(delimiter), '/usr/sbin', '/sbin'])].join(delimiter);
}
