import { readOptions, wholeNumber, type WordReader } from '../word-options.ts';

/** Which JVM of several; absent = the largest. */
export const pid = wholeNumber('7');

/** How many threads of the JVM walk its heap. */
export const parallel = wholeNumber('4', { most: 256 });

/** Reads the words after `--`; those of the JDK's own tools (`-all`) are taken with one dash too. */
export function readJdkOptions<const S extends Readonly<Record<string, WordReader<unknown>>>>(
  diagnostic: string,
  spec: S,
  words: readonly string[] = [],
): ReturnType<typeof readOptions<S>> {
  const dashed = words.map((word) => word.replace(/^-(?=[a-z])/, '--'));
  return readOptions(diagnostic, spec, dashed);
}
