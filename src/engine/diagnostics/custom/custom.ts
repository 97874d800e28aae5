import { findProcesses, largest } from '../../container/processes.ts';
import { findProgram } from '../command.ts';
import type { Detection, Diagnostic, DiagnosticContext } from '../diagnostic.ts';
import type { Preflight } from '../preflight.ts';
import { runCommand } from '../run-command.ts';
import { smallPreflight } from '../small-preflight.ts';
import type { CustomDiagnostic } from './schema.ts';

/** A diagnostic that the user has written down: a command, and what it is for. */
export function createCustomDiagnostic(spec: CustomDiagnostic): Diagnostic {
  const { name, summary, options, timeout } = spec;
  return {
    name,
    summary,
    automatic: false,
    ...(options && { options: 'words that follow its command', checkOptions: () => undefined }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    detect: (context) => detect(context, spec),
    preflight: (context) => estimate(context, spec),
    async run(context, { process }) {
      const { collect = [], format, extension, preflight, exitCodes } = spec;
      const outcome = await runCommand(context, {
        argv: [...commandOf(spec), ...(context.extraArgs ?? [])],
        collect,
        kind: { ...(format && { format }), ...(extension && { extension }) },
        neededBytes: preflight?.size,
        words: process ? { '@PID': String(process.pid) } : {},
      });
      return exitCodes.includes(outcome.exitCode) ? { ...outcome, exitCode: 0 } : outcome;
    },
  };
}

function commandOf({ name, run, script = '' }: CustomDiagnostic): readonly string[] {
  return run ?? ['sh', '-c', script, name];
}

async function detect(context: DiagnosticContext, spec: CustomDiagnostic): Promise<Detection> {
  const { detect: wanted = {} } = spec;
  const [first = ''] = commandOf(spec);
  const own = /^@[A-Z]/.test(first) ? [] : [first];
  const programs = wanted.programs ?? own;
  for (const program of programs) {
    if ((await findProgram(context, program)) !== undefined) continue;
    return { works: false, reason: `${program} is not in the container` };
  }
  const tool = programs[0] ?? first;
  if (wanted.process === undefined) {
    return { works: true, tool, detail: `${tool}, from ${spec.source}` };
  }
  const { processes } = await findProcesses(context.target, context.signal);
  const found = largest(
    processes.filter(
      ({ executable, argv }) =>
        [executable, argv[0] ?? ''].some((path) => baseName(path) === wanted.process) &&
        (wanted.arguments === undefined || argv.join(' ').includes(wanted.arguments)),
    ),
  );
  if (!found) {
    const how = wanted.arguments === undefined ? '' : ` with ${wanted.arguments} in its arguments`;
    return { works: false, reason: `no ${wanted.process}${how} runs in the container` };
  }
  const { pid, uid, command } = found;
  const detail = `${tool} on pid ${pid} (${command}), from ${spec.source}`;
  return { works: true, tool, process: { pid, uid, command }, detail };
}

async function estimate(
  context: DiagnosticContext,
  { name, source, preflight }: CustomDiagnostic,
): Promise<Preflight> {
  const basis = preflight ? `${source} says so` : `what ${name} may need is not known`;
  const small = await smallPreflight(context, basis);
  const { pause, size, memory } = preflight ?? {};
  return {
    ...small,
    ...(pause !== undefined && { pauseMs: pause }),
    ...(size !== undefined && { sizeBytes: size }),
    ...(memory !== undefined && { memoryBytes: memory }),
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/ \(deleted\)$/, '');
}
