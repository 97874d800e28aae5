import { setTimeout as sleep } from 'node:timers/promises';
import { PitstopError } from '../../errors.ts';
import { assertSameContainer, readIdentity } from '../../container/identity.ts';
import { artifactOf, keepOnly } from '../artifact-file.ts';
import type { Diagnostic, DiagnosticContext, DiagnosticOutcome } from '../diagnostic.ts';
import { smallPreflight } from '../small-preflight.ts';
import { describeOptions, durationMs, oneOf } from '../word-options.ts';
import { detectJvm, subjectOf } from './detect.ts';
import { pid, readJdkOptions } from './options.ts';
import { ask, quoted, refused, say, visit, type Visit } from './visit.ts';

const name = 'jvm-recording';
const options = { duration: durationMs, settings: oneOf('default', 'profile'), pid };

type Given = ReturnType<typeof readGiven>;

/** 'default' costs less than 1 %, 'profile' about 2 % (jfr configuration files). */
const defaults = { durationMs: 60_000, settings: 'profile' } as const;

/** A recording of the JVM's flight recorder: the one that runs, or a new one of a given length. */
export const jvmRecording: Diagnostic = {
  name,
  summary:
    'flight recording of a JVM (JFR): what the running one has so far (it goes on), or a new one of --duration (60s)',
  automatic: false,
  options: describeOptions(options),
  checkOptions: (words) => void readGiven(words),
  async detect(context) {
    const given = readGiven(context.extraArgs);
    assertTime(context, given);
    return await detectJvm(context, given, undefined, ({ process, lacksRecorder }) =>
      lacksRecorder
        ? `the JVM (pid ${process.pid}) has no flight recorder: its runtime image was made without the module jdk.jfr`
        : undefined,
    );
  },
  preflight: (context) => smallPreflight(context, 'a recording is some MiB, seldom hundreds'),
  async run(context, detection) {
    const given = readGiven(context.extraArgs);
    const subject = await subjectOf(context, { pid: given.pid, detection });
    return await visit({ context, ...subject }, { jvmWrites: true }, (here) => record(here, given));
  },
};

function readGiven(words: readonly string[] | undefined) {
  return readJdkOptions(name, options, words);
}

function assertTime({ timeoutMs }: DiagnosticContext, given: Given): void {
  const wanted = given.duration ?? defaults.durationMs;
  if (wanted < timeoutMs) return;
  throw new PitstopError(
    'diagnostic-option',
    `a recording of ${wanted / 1000} s does not end within the timeout of ${timeoutMs / 1000} s`,
    { hint: 'give it longer: --timeout=30m' },
  );
}

async function record(here: Visit, given: Given): Promise<DiagnosticOutcome> {
  const { context, directory } = here;
  const file = 'recording.jfr';
  const path = `${directory.path}/${file}`;
  const isRunning = /\(running\)/.test(await ask(here, 'JFR.check'));
  const wantsNew = given.duration !== undefined || given.settings !== undefined;
  if (isRunning && !wantsNew) await dumpRunning(here, path);
  else await recordAnew(here, path, given);
  const artifact = await artifactOf(context, path, { format: 'jfr', extension: '.jfr' });
  if (!artifact) {
    throw new PitstopError(
      'diagnostic-failed',
      `the JVM (pid ${here.jvm.process.pid}) left no recording at ${path}`,
    );
  }
  await keepOnly(context, directory.path, file);
  return { exitCode: 0, artifact };
}

/** All that is recorded now, in one file; whoever started it goes on recording. */
async function dumpRunning(here: Visit, path: string): Promise<void> {
  const ran = await say(here, {
    commands: [`JFR.dump filename=${quoted(path)}`],
    message: 'the JVM writes what it has recorded so far',
    watch: path,
  });
  if (ran.exitCode !== 0 || !/^Dumped /m.test(ran.stdout)) {
    throw refused(here, ran, 'wrote no recording');
  }
}

async function recordAnew(here: Visit, path: string, given: Given): Promise<void> {
  const { context } = here;
  const { duration = defaults.durationMs, settings = defaults.settings } = given;
  const recording = `pitstop-${context.sessionId ?? here.directory.path.slice(-8)}`;
  const seconds = Math.max(1, Math.ceil(duration / 1000));
  // With a duration it ends by itself, whatever becomes of us.
  const start = `JFR.start name=${recording} settings=${settings} duration=${seconds}s filename=${quoted(path)}`;
  const started = await ask(here, start);
  if (!/^Started recording/m.test(started)) {
    const answer = { exitCode: 0, stdout: started, stderr: '' };
    throw refused(here, answer, 'started no recording');
  }
  try {
    await waitUntilWritten(here, recording, seconds);
  } catch (error) {
    const signal = AbortSignal.timeout(30_000);
    const last = { ...here, context: { ...context, signal } };
    await ask(last, `JFR.stop name=${recording}`).catch(() => undefined);
    throw error;
  }
}

/** The JVM forgets a recording when its time is over and its file is written. */
async function waitUntilWritten(here: Visit, recording: string, seconds: number): Promise<void> {
  const { context } = here;
  const { target, signal } = context;
  const identity = await readIdentity(target, signal);
  for (let second = 0; second < seconds; second += 1) {
    context.onProgress({ message: `the JVM records: ${second} of ${seconds} s` });
    await sleep(1000, undefined, { signal });
  }
  const end = AbortSignal.any([signal, AbortSignal.timeout(writingMs)]);
  for (;;) {
    await assertSameContainer(target, identity, end);
    const check = await ask(here, `JFR.check name=${recording}`);
    if (!check.includes(`name=${recording}`)) return;
    context.onProgress({ message: 'the JVM writes the recording' });
    await sleep(500, undefined, { signal: end });
  }
}

/** For some hundred MiB on a busy node. */
const writingMs = 120_000;
