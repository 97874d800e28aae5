import type { Command, Option } from 'commander';
import { choicesOf } from '../flags.ts';
import { overridable } from '../interlock-flags.ts';
import { directives, type Candidate, type Completion } from './candidate.ts';
import type { ClusterNames } from './cluster-names.ts';
import { optionsOf, readWords, type WordsSoFar } from './read-words.ts';

/** Flags whose value is a path, by their long names. */
const pathFlags = new Set([
  '--kubeconfig',
  '--certificate-authority',
  '--artifact-output',
  '--diagnostics-file',
]);

/**
 * What may stand where the last of `words` is being typed. `names` is only asked when something of
 * the cluster is wanted; it answers nothing where the cluster cannot be reached soon.
 */
export async function complete(
  program: Command,
  words: readonly string[],
  names: (flags: WordsSoFar['flags']) => ClusterNames,
): Promise<Completion> {
  const read = readWords(program, words);
  const { command, typed, option, isForeign } = read;
  if (isForeign) return { candidates: [], directive: directives.files };
  if (option) return await completeValue(read, option, names);
  if (typed.startsWith('-')) return among(flagsOf(command), typed);
  if (command.commands.length > 0) return among(verbsOf(command), typed);
  return await completeOperand(read, names);
}

function among(all: readonly Candidate[], typed: string): Completion {
  const candidates = all.filter(({ word }) => word.startsWith(typed));
  const areOpen = candidates.length > 0 && candidates.every(({ word }) => word.endsWith('/'));
  return { candidates, directive: directives.noFiles + (areOpen ? directives.noSpace : 0) };
}

function verbsOf(command: Command): readonly Candidate[] {
  return command.commands.map((verb) => ({ word: verb.name(), description: verb.summary() }));
}

function flagsOf(command: Command): readonly Candidate[] {
  return optionsOf(command).flatMap(({ long, description, hidden }) =>
    long && !hidden ? [{ word: long, description: description.replace(/\s*\([^()]*\)$/, '') }] : [],
  );
}

async function completeValue(
  { typed, flags, operands }: WordsSoFar,
  option: Option,
  names: (flags: WordsSoFar['flags']) => ClusterNames,
): Promise<Completion> {
  const long = option.long ?? '';
  if (pathFlags.has(long)) return { candidates: [], directive: directives.files };
  switch (long) {
    case '--namespace':
      return among(await names(flags).namespaces(), typed);
    case '--container':
      return among(await names(flags).containers(operands[0]), typed);
    case '--diagnostic':
      return among(await diagnosticNames(), typed);
    case '--override':
      return among(
        overridable.map((word) => ({ word })),
        typed,
      );
    default:
      return among(
        choicesOf(option).map((word) => ({ word })),
        typed,
      );
  }
}

async function diagnosticNames(): Promise<readonly Candidate[]> {
  const { diagnostics } = await import('../../engine/index.ts');
  return diagnostics.map(({ name, summary }) => ({ word: name, description: summary }));
}

const workloadKinds = ['deploy', 'rs', 'sts', 'ds', 'rc', 'job'] as const;

/** Which objects the first word after a verb may name; verbs that are not here take none. */
const targetsOf: Readonly<
  Record<string, { readonly pods: boolean; readonly kinds: readonly string[] }>
> = {
  plan: { pods: true, kinds: [...workloadKinds, 'svc'] },
  run: { pods: true, kinds: [...workloadKinds, 'svc'] },
  isolate: { pods: true, kinds: [...workloadKinds, 'svc'] },
  diagnostics: { pods: true, kinds: [...workloadKinds, 'svc'] },
  status: { pods: true, kinds: [...workloadKinds, 'svc'] },
  collect: { pods: true, kinds: [] },
  prepare: { pods: false, kinds: ['deploy', 'sts', 'ds'] },
};

async function completeOperand(
  { command, operands, typed, flags }: WordsSoFar,
  names: (flags: WordsSoFar['flags']) => ClusterNames,
): Promise<Completion> {
  const verb = command.name();
  if (verb === 'inspect') return { candidates: [], directive: directives.files };
  if (operands.length > 0) return among([], typed);
  if (verb === 'completion')
    return among(
      ['bash', 'zsh', 'fish'].map((word) => ({ word })),
      typed,
    );
  if (verb === 'restore') return among(await names(flags).podsOut(), typed);
  const targets = targetsOf[verb];
  if (!targets) return among([], typed);
  const [kind] = typed.split('/');
  if (kind !== undefined && kind !== typed) {
    const found = await names(flags).named(kind);
    return among(
      found.map(({ word, description }) => ({ word: `${kind}/${word}`, description })),
      typed,
    );
  }
  const pods = targets.pods ? await names(flags).named('pod') : [];
  return among([...pods, ...targets.kinds.map((word) => ({ word: `${word}/` }))], typed);
}
