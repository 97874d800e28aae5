import { reach } from '../../container/target.ts';
import { PitstopError } from '../../errors.ts';
import type { ArtifactFormat, Diagnostic, DiagnosticContext } from '../diagnostic.ts';
import { recordingMs } from '../recording.ts';
import { runTool } from '../run-tool.ts';
import { smallPreflight } from '../small-preflight.ts';
import {
  describeOptions,
  durationMs,
  flag,
  oneOf,
  readOptions,
  wholeNumber,
} from '../word-options.ts';
import { detectPython, findPython, type PythonProcess } from './find-python.ts';

const stackOptions = {
  locals: flag,
  native: flag,
  nonblocking: flag,
  pid: wholeNumber('PID'),
};

/** What every Python thread is doing. */
export const pythonStacks: Diagnostic = {
  name: 'python-stacks',
  summary: 'stacks of all threads of a Python process (text), by py-spy; it stands still meanwhile',
  automatic: false,
  options: describeOptions(stackOptions),
  checkOptions: (words) => void readStacks(words),
  async detect(context) {
    return detectPython(await findPython(context, readStacks(context.extraArgs)));
  },
  preflight: (context) => smallPreflight(context, 'stacks of all threads'),
  async run(context) {
    const options = readStacks(context.extraArgs);
    const { process, pySpy } = await require(context, options);
    return await runTool(context, {
      process,
      file: 'python.stacks.txt',
      printed: true,
      format: 'text',
      message: 'py-spy reads the stacks',
      argv: () => [pySpy, ...stackWords(process.pid, options)],
    });
  },
};

const recordOptions = {
  duration: durationMs,
  rate: wholeNumber('100', { most: 1000 }),
  format: oneOf('speedscope', 'flamegraph', 'raw', 'chrometrace'),
  gil: flag,
  idle: flag,
  native: flag,
  subprocesses: flag,
  nonblocking: flag,
  pid: wholeNumber('PID'),
};

/** Which functions a Python process is in, sampled. */
export const pythonRecording: Diagnostic = {
  name: 'python-recording',
  summary:
    'sampled stacks of a Python process for 30 s (speedscope or flame graph), by py-spy; hardly any pause',
  automatic: false,
  options: describeOptions(recordOptions),
  checkOptions: (words) => void readRecording(words),
  async detect(context) {
    return detectPython(await findPython(context, readRecording(context.extraArgs)));
  },
  async preflight(context) {
    const { duration } = readRecording(context.extraArgs);
    const seconds = recordingMs('python-recording', duration, context) / 1000;
    return await smallPreflight(context, `${seconds} s of samples, some MiB`);
  },
  async run(context) {
    const options = readRecording(context.extraArgs);
    const { process, pySpy } = await require(context, options);
    const seconds = Math.ceil(recordingMs('python-recording', options.duration, context) / 1000);
    const kind = recordingKinds[options.format ?? 'speedscope'];
    return await runTool(context, {
      process,
      ...kind,
      message: `py-spy takes samples for ${seconds} s`,
      argv: (directory) => [
        pySpy,
        ...recordWords(process.pid, seconds, options),
        '--output',
        reach(context.target, `${directory}/${kind.file}`),
      ],
    });
  },
};

type RecordingKind = { readonly file: string; readonly format: ArtifactFormat };

const recordingKinds = {
  speedscope: { file: 'recording.speedscope.json', format: 'speedscope' },
  flamegraph: { file: 'recording.svg', format: 'file' },
  raw: { file: 'recording.folded.txt', format: 'text' },
  chrometrace: { file: 'recording.trace.json', format: 'file' },
} as const satisfies Readonly<Record<string, RecordingKind>>;

const readStacks = (words?: readonly string[]) => readOptions('python-stacks', stackOptions, words);
const readRecording = (words?: readonly string[]) =>
  readOptions('python-recording', recordOptions, words);

/** The words of `py-spy dump`. */
export function stackWords(pid: number, options: ReturnType<typeof readStacks>): readonly string[] {
  return ['dump', '--pid', String(pid), ...flagsOf(options, ['locals', 'native', 'nonblocking'])];
}

/** The words of `py-spy record`, but for where it writes. */
export function recordWords(
  pid: number,
  seconds: number,
  options: ReturnType<typeof readRecording>,
): readonly string[] {
  return [
    'record',
    '--pid',
    String(pid),
    '--duration',
    String(seconds),
    '--rate',
    String(options.rate ?? 100),
    '--format',
    options.format ?? 'speedscope',
    ...flagsOf(options, ['gil', 'idle', 'native', 'subprocesses', 'nonblocking']),
  ];
}

function flagsOf<K extends string>(
  options: { readonly [name in K]?: unknown },
  names: readonly K[],
): readonly string[] {
  return names.filter((name) => options[name] === true).map((name) => `--${name}`);
}

async function require(
  context: DiagnosticContext,
  options: { readonly pid?: number },
): Promise<PythonProcess> {
  const found = await findPython(context, options);
  if ('reason' in found) throw new PitstopError('diagnostic-unavailable', found.reason);
  return found;
}
