import { Command, CommanderError } from 'commander';
import { asCalled } from './as-called.ts';
import { optionsOf } from './completion/read-words.ts';
import { exitCodes, type ExitCode, type Finish } from './exit-code.ts';
import { commonOptions } from './flags.ts';
import { formatHelp, setExamples } from './help.ts';
import type { Io } from './io.ts';
import { normalizeArguments, splitCommand } from './normalize-arguments.ts';
import { UsageError } from './usage-error.ts';
import { clusterVerbs } from './verbs/cluster.ts';
import { collectVerb } from './verbs/collect.ts';
import { completionVerb } from './verbs/completion.ts';
import { demoVerb } from './verbs/demo.ts';
import { diagnosticsVerb } from './verbs/diagnostics.ts';
import { doctorVerb } from './verbs/doctor.ts';
import { inspectVerb } from './verbs/inspect.ts';
import { isolateVerb } from './verbs/isolate.ts';
import { planVerb } from './verbs/plan.ts';
import { prepareVerb } from './verbs/prepare.ts';
import { restoreVerb } from './verbs/restore.ts';
import { runVerb } from './verbs/run.ts';
import { statusVerb } from './verbs/status.ts';

/**
 * Runs one command line and answers the exit code. Only the verb that is asked for is loaded: help
 * and usage errors must not pay for a Kubernetes client.
 */
export async function runProgram(words: readonly string[], io: Io): Promise<ExitCode> {
  if (words[0] === '__complete') return await answerShell(words.slice(1), io);
  const { own, command } = splitCommand(words);
  let exitCode: ExitCode = exitCodes.done;
  const program = createProgram(io, command, (code) => (exitCode = code));
  const args = normalizeArguments(program, own);
  try {
    if (args.length === 0) program.outputHelp();
    else if (args[0] === '--version') await printVersion(io);
    else await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has already said what is wrong (or has shown the help that was asked for).
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.refused;
    }
    const { reportError } = await import('./render/error.ts');
    return reportError(io, error, { verbose: program.opts()['verbose'] === true });
  }
}

/** What a shell asks, by way of kubectl or of its own script (cobra's protocol). */
async function answerShell(words: readonly string[], io: Io): Promise<ExitCode> {
  const program = createProgram(io, undefined, () => undefined);
  const { complete } = await import('./completion/complete.ts');
  const { renderCompletion } = await import('./completion/candidate.ts');
  const { clusterNames } = await import('./completion/cluster-names.ts');
  io.stdout.write(renderCompletion(await complete(program, words, clusterNames)));
  return exitCodes.done;
}

/** Verbs with a command after `--`: `run` and `plan`, and `cluster images set`. */
const takesCommand = new Set(['run', 'plan', 'set']);

async function printVersion(io: Io): Promise<void> {
  const { readVersion } = await import('./version.ts');
  io.stdout.write(`kubectl-pitstop ${await readVersion()} (Node.js ${process.version})\n`);
}

/** Commander looks for a flag that may have been meant, but compares with what follows its `=` as well. */
class Verb extends Command {
  override createCommand(name?: string): Command {
    return new Verb(name);
  }

  unknownOption(flag: string): void {
    const { unknownOption } = Command.prototype as unknown as Record<
      'unknownOption',
      (this: Command, flag: string) => void
    >;
    const [name = ''] = flag.split('=');
    if (optionsOf(this).some(({ long }) => long === name)) {
      this.error(`error: option '${name}' takes no value`, { code: 'commander.unexpectedValue' });
    }
    unknownOption.call(this, name);
  }
}

function createProgram(io: Io, trailing: readonly string[] | undefined, finish: Finish): Command {
  const program = new Verb('kubectl pitstop');
  program
    .description(
      "Take one Pod out of its Services' traffic, work on it, bring the result home whole, put it back, and prove every step.",
    )
    .usage('COMMAND [TARGET] [flags]')
    .configureHelp({ formatHelp, showGlobalOptions: true, helpWidth: io.stdout.columns ?? 100 })
    .configureOutput({
      writeOut: (output) => io.stdout.write(output),
      writeErr: (output) => io.stderr.write(output),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .exitOverride()
    .showHelpAfterError(`hint: ${asCalled('kubectl pitstop --help', io.env)}`)
    .helpCommand('help [COMMAND]', 'Help about any command')
    .helpOption('-h, --help', 'Show this help')
    .option('--version', 'Print the version of pitstop');
  for (const option of commonOptions()) program.addOption(option);
  setExamples(
    program,
    `
# See the whole thing on this machine, nothing needed: embedded cluster, sample app, traffic, one heap dump
kubectl pitstop demo

# What would happen to a Pod, and why
kubectl pitstop plan -n shop web-6d4b75cb6d-hx9vq

# The whole stop: out of traffic, heap dump, home, verified, back in traffic
kubectl pitstop run -n shop web-6d4b75cb6d-hx9vq

# Put back whatever was left out
kubectl pitstop restore -n shop --all`,
  );

  const add = (name: string, setUp: (verb: Command) => void): void => {
    const verb = program
      .command(name)
      .helpOption('-h, --help', 'Show this help')
      .helpCommand(false)
      .showHelpAfterError(`hint: ${asCalled(`kubectl pitstop ${name} --help`, io.env)}`);
    verb.hook('preAction', (_program, action) => {
      if (trailing && !takesCommand.has(action.name())) {
        throw new UsageError(`${action.name()} takes no command after --`);
      }
    });
    setUp(verb);
  };
  add('plan', (verb) => planVerb(verb, io, finish, trailing));
  add('run', (verb) => runVerb(verb, io, finish, trailing));
  add('isolate', (verb) => isolateVerb(verb, io, finish));
  add('collect', (verb) => collectVerb(verb, io, finish));
  add('inspect', (verb) => inspectVerb(verb, io, finish));
  add('restore', (verb) => restoreVerb(verb, io, finish));
  add('status', (verb) => statusVerb(verb, io, finish));
  add('doctor', (verb) => doctorVerb(verb, io, finish));
  add('prepare', (verb) => prepareVerb(verb, io, finish));
  add('diagnostics', (verb) => diagnosticsVerb(verb, io, finish));
  add('cluster', (verb) => clusterVerbs(verb, io, finish, trailing));
  add('demo', (verb) => demoVerb(verb, io, finish));
  add('completion', (verb) => completionVerb(verb, io, finish));
  return program;
}
