import { readFileSync } from 'node:fs';

const folder = new URL('../recorded/', import.meta.url);

/** What a real API server answered: one JSON file of `test/recorded/`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what was recorded
export function recorded<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as T;
}
