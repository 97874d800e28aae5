import type { Command, Help, Option } from 'commander';
import { connectionHeading } from './flags.ts';

const examplesOf = new WeakMap<Command, string>();

/** Examples come first in the help of a verb. One example = a `# comment` line and a command line. */
export function setExamples(command: Command, examples: string): void {
  examplesOf.set(command, examples.trim());
}

/** Help in kubectl's order: what it is, examples, verbs, flags, usage. */
export function formatHelp(command: Command, helper: Help): string {
  const sections: string[] = [helper.boxWrap(command.description(), helper.helpWidth ?? 80)];
  const examples = examplesOf.get(command);
  if (examples) sections.push(`Examples:\n${indent(examples)}`);
  const verbs = helper.visibleCommands(command).filter((verb) => verb.name() !== 'help');
  return (
    [
      ...sections,
      ...verbSections(verbs, helper),
      ...flagSections(command, helper),
      ...footer(command, helper, verbs.length > 0),
    ].join('\n\n') + '\n'
  );
}

function verbSections(verbs: readonly Command[], helper: Help): string[] {
  if (verbs.length === 0) return [];
  const width = Math.max(...verbs.map((verb) => verb.name().length));
  const rows = verbs.map(
    (verb) => `${verb.name().padEnd(width)}   ${helper.subcommandDescription(verb)}`,
  );
  return [`Commands:\n${indent(rows.join('\n'))}`];
}

function flagSections(command: Command, helper: Help): string[] {
  const own = helper.visibleOptions(command);
  const inherited = helper.visibleGlobalOptions(command).filter(({ long }) => long !== '--version');
  const groups = Map.groupBy(
    [...own, ...inherited],
    (option) => option.helpGroupHeading ?? 'Options:',
  );
  // Connection flags are kubectl's own: the root's help lists them once for all verbs.
  if (command.parent) groups.delete(connectionHeading);
  const width = Math.max(...[...groups.values()].flat().map((option) => term(option).length));
  return [...groups].map(([heading, options]) => {
    const rows = options.map((option) =>
      helper.formatItem(term(option), width, helper.optionDescription(option), helper),
    );
    return `${heading}\n${rows.join('\n')}`;
  });
}

/** Long flags of all rows begin in one column, with or without a short one. */
function term(option: Option): string {
  return option.short ? option.flags : `    ${option.flags}`;
}

function footer(command: Command, helper: Help, hasVerbs: boolean): string[] {
  const usage = `Usage:\n  ${helper.commandUsage(command)}`;
  if (hasVerbs) return [usage, `Use "${path(command)} <command> --help" for more about a command.`];
  return [
    usage,
    `Use "${path(root(command))} --help" for the connection flags, which are kubectl's.`,
  ];
}

function path(command: Command): string {
  return command.parent ? `${path(command.parent)} ${command.name()}` : command.name();
}

function root(command: Command): Command {
  return command.parent ? root(command.parent) : command;
}

function indent(lines: string): string {
  return lines.replaceAll(/^(?=.)/gm, '  ');
}
