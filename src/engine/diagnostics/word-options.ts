import { PitstopError } from '../errors.ts';

/** How the value of one option is read; undefined = it is none. A flag takes no value. */
export interface WordReader<T> {
  readonly read: (value: string) => T | undefined;
  /** As it is written after the `=`: `30s`; absent for a flag. */
  readonly example?: string;
}

type Values<S> = { readonly [K in keyof S]?: S[K] extends WordReader<infer T> ? T : never };

/**
 * Reads the words after `--` as `--name=value`, `--name value` or `--flag`. Throws
 * `diagnostic-option` naming the word that is none of the options, or whose value cannot be.
 */
export function readOptions<const S extends Readonly<Record<string, WordReader<unknown>>>>(
  diagnostic: string,
  spec: S,
  words: readonly string[] = [],
): Values<S> {
  const values: Record<string, unknown> = {};
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [, name = '', , given] = /^--([^=]+)(=([^]*))?$/.exec(word) ?? [];
    const reader = Object.hasOwn(spec, name) ? spec[name] : undefined;
    if (!reader) throw refused(diagnostic, spec, `${diagnostic} has no option ${word}`);
    const takesNext = reader.example !== undefined && given === undefined;
    if (takesNext) at += 1;
    const value = takesNext ? words[at] : (given ?? '');
    const isFlagWithValue = reader.example === undefined && given !== undefined;
    const read = value === undefined || isFlagWithValue ? undefined : reader.read(value);
    if (read === undefined) {
      throw refused(diagnostic, spec, `${diagnostic}: ${word} is not --${written(name, reader)}`);
    }
    values[name] = read;
  }
  return values as Values<S>;
}

/** The options of a spec for people: `--duration=30s, --gc`. */
export function describeOptions(spec: Readonly<Record<string, WordReader<unknown>>>): string {
  return Object.entries(spec)
    .map(([name, reader]) => `--${written(name, reader)}`)
    .join(', ');
}

function written(name: string, { example }: WordReader<unknown>): string {
  return example === undefined ? name : `${name}=${example}`;
}

function refused(
  diagnostic: string,
  spec: Readonly<Record<string, WordReader<unknown>>>,
  message: string,
): PitstopError {
  return new PitstopError('diagnostic-option', message, {
    hint: `${diagnostic} takes ${describeOptions(spec)}`,
  });
}

export const flag: WordReader<true> = { read: () => true };

/** A whole number of at least `least`. */
export function wholeNumber(
  example: string,
  { least = 1, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number } = {},
): WordReader<number> {
  return {
    example,
    read(value) {
      const number = /^\d+$/.test(value) ? Number(value) : NaN;
      return number >= least && number <= most ? number : undefined;
    },
  };
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, '': 1000 };

/** Milliseconds of `500ms`, `30s`, `2m` or `30` (seconds). */
export const durationMs: WordReader<number> = {
  example: '30s',
  read(value) {
    const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(value) ?? [];
    const ms = Number(number ?? NaN) * (unitMs[unit] ?? NaN);
    return ms > 0 ? Math.round(ms) : undefined;
  },
};

/** One word out of several. */
export function oneOf<const T extends string>(...words: readonly T[]): WordReader<T> {
  return { example: words.join('|'), read: (value) => words.find((word) => word === value) };
}

/** Anything but nothing. */
export function anyText(example: string): WordReader<string> {
  return { example, read: (value) => value || undefined };
}
