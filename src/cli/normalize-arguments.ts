import type { Command } from 'commander';
import { readWords } from './completion/read-words.ts';

/** Cuts a command line at the first `--`; `command` is undefined without one. */
export function splitCommand(words: readonly string[]): {
  readonly own: readonly string[];
  readonly command: readonly string[] | undefined;
} {
  const dashes = words.indexOf('--');
  if (dashes === -1) return { own: words, command: undefined };
  return { own: words.slice(0, dashes), command: words.slice(dashes + 1) };
}

/**
 * Irons out where kubectl's flag syntax (pflag) and commander's differ: a bare `--dry-run` never eats
 * the next word, verbosity takes a level, and `program`'s flags without a value take `=true`, `=false`.
 */
export function normalizeArguments(program: Command, words: readonly string[]): readonly string[] {
  const normal: string[] = [];
  for (const word of words) {
    const [, name, value] = /^(--[a-z-]+)=(true|false)$/.exec(word) ?? [];
    if (word === '--dry-run') normal.push('--dry-run=client');
    else if (/^(?:-v=?\d+|--v=\d+)$/.test(word)) normal.push('-v');
    else if (name === undefined || !isSwitch(program, [...normal, word])) normal.push(word);
    else if (value === 'true') normal.push(name);
  }
  return normal;
}

/** Whether the last word is `--flag=value` for a flag that needs none, which may be another one with another verb. */
function isSwitch(program: Command, words: readonly string[]): boolean {
  const { option, typed } = readWords(program, words);
  const isWhole = words.at(-1) === `${option?.long}=${typed}`;
  return isWhole && option?.required === false && !option.optional;
}
