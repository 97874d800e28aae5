import type { Command, Option } from 'commander';

/** What stands on a command line whose last word is still being typed. */
export interface WordsSoFar {
  /** The verb, or the group or program under which one is to come. */
  readonly command: Command;
  /** Words that are no flags, after the verb. */
  readonly operands: readonly string[];
  /** By attribute name, as commander would have them. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly typed: string;
  /** The flag whose value is being typed. */
  readonly option: Option | undefined;
  /** After `--`: the words are somebody else's. */
  readonly isForeign: boolean;
}

/** Reads the words as commander would, without minding what is wrong or missing. */
export function readWords(program: Command, words: readonly string[]): WordsSoFar {
  const done = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  let command = program;
  const operands: string[] = [];
  const flags: Record<string, unknown> = {};
  const isForeign = done.includes('--');
  const own = isForeign ? done.slice(0, done.indexOf('--')) : done;
  let open: Option | undefined;
  for (const word of own) {
    if (open) {
      set(flags, open, word);
      open = undefined;
      continue;
    }
    const [name, value] = splitFlag(word);
    const option = findOption(command, name);
    if (option) {
      if (value !== undefined || !option.required) set(flags, option, value ?? true);
      else open = option;
      continue;
    }
    const verb = operands.length === 0 && command.commands.find((each) => each.name() === word);
    if (verb) command = verb;
    else if (!word.startsWith('-')) operands.push(word);
  }
  const rest = { command, operands, flags, isForeign };
  if (open) return { ...rest, typed: last, option: open };
  const [name, value] = splitFlag(last);
  const option = value === undefined || isForeign ? undefined : findOption(command, name);
  return option ? { ...rest, typed: value ?? '', option } : { ...rest, typed: last, option };
}

function splitFlag(word: string): readonly [name: string, value?: string] {
  const at = word.indexOf('=');
  return word.startsWith('-') && at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word];
}

/** A verb's own flags, and those of the commands above it. */
export function optionsOf(command: Command): readonly Option[] {
  return [...command.options, ...(command.parent ? optionsOf(command.parent) : [])];
}

function findOption(command: Command, name: string): Option | undefined {
  if (!name.startsWith('-')) return undefined;
  return optionsOf(command).find(({ long, short }) => name === long || name === short);
}

function set(flags: Record<string, unknown>, option: Option, value: string | true): void {
  const name = option.attributeName();
  try {
    flags[name] =
      typeof value === 'string' && option.parseArg
        ? (option.parseArg as (text: string, previous: unknown) => unknown)(value, flags[name])
        : value;
  } catch {
    // What is wrong with it will be said when the command is run.
  }
}
