import { runScript } from '../../container/shell.ts';
import { reach } from '../../container/target.ts';
import { artifactOf, keepOnly } from '../artifact-file.ts';
import type { Diagnostic, DiagnosticContext, DiagnosticOutcome } from '../diagnostic.ts';
import type { Preflight } from '../preflight.ts';
import { smallPreflight } from '../small-preflight.ts';
import { describeOptions, type readOptions, type WordReader } from '../word-options.ts';
import { detectJvm, subjectOf } from './detect.ts';
import type { JdkTool, Jvm } from './jvm.ts';
import { readJdkOptions } from './options.ts';
import { msStoodStill, readPerfData } from './perf-data.ts';
import { ask, refused, say, visit, type Visit } from './visit.ts';
import { isSpeaking, type Way } from './way.ts';

type Spec = Readonly<Record<string, WordReader<unknown>>>;

/** A diagnostic that is what a JVM answers, as text. */
interface TextDiagnostic<S extends Spec> {
  readonly name: string;
  readonly summary: string;
  readonly extension: string;
  readonly options: S;
  /** Diagnostic commands; their answers are the artifact. */
  readonly commands: (given: Given<S>) => readonly string[];
  /** What the JDK had for it before `jcmd`. */
  readonly older?: {
    readonly tool: JdkTool;
    readonly args: (pid: string, given: Given<S>) => readonly string[];
  };
  /** What stands in the way, besides what always does. */
  readonly obstacle?: (jvm: Jvm, given: Given<S>) => string | undefined;
  readonly preflight?: (
    context: DiagnosticContext,
    subject: { readonly jvm: Jvm; readonly way: Way },
    given: Given<S>,
  ) => Promise<Preflight>;
  readonly message: string;
  /** What to say of the JVM when there is no answer: `prints no threads`. */
  readonly failure: string;
  /** Extended regular expression that some line of an answer must match. */
  readonly mark: string;
  /** Where the last command is refused (an older JVM), the answers before it will do. */
  readonly partial?: boolean;
  /** What `sed -E` does to the answer before it goes home. */
  readonly edit?: string;
}

type Given<S extends Spec> = ReturnType<typeof readOptions<S>>;

/** Makes a diagnostic of diagnostic commands whose answers are the artifact. */
export function textDiagnostic<const S extends Spec & { readonly pid: WordReader<number> }>(
  spec: TextDiagnostic<S>,
): Diagnostic {
  const { name, summary, options } = spec;
  const read = (words: readonly string[] | undefined) => readJdkOptions(name, options, words);
  const older = spec.older?.tool;
  return {
    name,
    summary,
    automatic: false,
    options: describeOptions(options),
    checkOptions: (words) => void read(words),
    async detect(context) {
      const given = read(context.extraArgs);
      return await detectJvm(context, pidIn(given), older, (jvm) => spec.obstacle?.(jvm, given));
    },
    async preflight(context, detection) {
      if (!spec.preflight) return await smallPreflight(context, `what ${name} prints is small`);
      const given = read(context.extraArgs);
      const subject = await subjectOf(context, { ...pidIn(given), detection, older });
      return await spec.preflight(context, subject, given);
    },
    async run(context, detection) {
      const given = read(context.extraArgs);
      const subject = await subjectOf(context, { ...pidIn(given), detection, older });
      return await visit({ context, ...subject }, {}, (here) => print(here, spec, given));
    },
  };
}

function pidIn(given: { readonly pid?: unknown }): { readonly pid?: number } {
  return typeof given.pid === 'number' ? { pid: given.pid } : {};
}

async function print<S extends Spec>(
  here: Visit,
  spec: TextDiagnostic<S>,
  given: Given<S>,
): Promise<DiagnosticOutcome> {
  const { context, jvm, way, directory } = here;
  const before = await readPerfData(context, jvm);
  // A JVM that hangs is told within seconds, whatever time the diagnostic itself may take.
  if (isSpeaking(way)) await ask(here, 'VM.version');
  const { older, message, extension, partial = false } = spec;
  const path = `${directory.path}/stdout`;
  const ran = await say(here, {
    commands: spec.commands(given),
    args: older?.args(String(jvm.process.pid), given),
    message,
  });
  const isAnswer = await settle(here, path, spec);
  if (!isAnswer || (ran.exitCode !== 0 && !partial)) throw refused(here, ran, spec.failure);
  const artifact = await artifactOf(context, path, { format: 'text', extension });
  await keepOnly(context, directory.path, 'stdout');
  const pauseMs = await msStoodStill(context, jvm, before);
  return {
    exitCode: 0,
    ...(artifact && { artifact }),
    ...(pauseMs !== undefined && { pauseMs }),
  };
}

/** Whether the file has an answer in it; edits it. */
async function settle(
  { context: { target, signal } }: Visit,
  path: string,
  { mark, edit = '' }: Pick<TextDiagnostic<Spec>, 'mark' | 'edit'>,
): Promise<boolean> {
  const { exitCode } = await runScript(
    target,
    `grep -qE -- "$2" "$1" || exit 1
    [ -z "$3" ] || { sed -E "$3" "$1" >"$1.new" && mv "$1.new" "$1"; }`,
    [reach(target, path), mark, edit],
    { signal },
  );
  return exitCode === 0;
}
