import { readPod } from '../../container/identity.ts';
import { findRooms } from '../../container/rooms.ts';
import { PitstopError } from '../../errors.ts';
import type { Detection, Diagnostic, DiagnosticContext } from '../diagnostic.ts';
import type { Preflight } from '../preflight.ts';
import { runTool } from '../run-tool.ts';
import { describeOptions, oneOf, readOptions, wholeNumber } from '../word-options.ts';
import { findDotnet, toolWords, type DotnetProcess, type NoDotnet } from './find-dotnet.ts';
import { createCoreDump, readReply, type DumpType } from './ipc.ts';
import { speakerWords } from './speakers.ts';
import { wholeCoreScript } from './whole-core.ts';

const name = 'dotnet-dump';
const spec = { type: oneOf('heap', 'full', 'mini', 'triage'), pid: wholeNumber('PID') };
const read = (words?: readonly string[]) => readOptions(name, spec, words);

const mebibyte = 2 ** 20;

// createdump of .NET 9 on a busy machine of two processors: 1.4 to 2.7 s for stacks alone, 3.9 s for 190 MB.
const bytesPerSecond = 50e6;
const leastMs = 2500;

/** A core file of a .NET process, which its own runtime writes through createdump. */
export const dotnetDump: Diagnostic = {
  name,
  summary:
    'core dump of a .NET process, by dotnet-dump or its diagnostic socket; it stands still meanwhile',
  automatic: false,
  options: describeOptions(spec),
  checkOptions: (words) => void read(words),
  async detect(context) {
    return detected(await findDotnet(context, read(context.extraArgs)));
  },
  async preflight(context) {
    const { process } = await require(context);
    return await preflight(context, process.residentBytes, read(context.extraArgs).type);
  },
  async run(context) {
    const found = await require(context);
    const { type = 'heap' } = read(context.extraArgs);
    const { residentBytes } = found.process;
    const neededBytes = dumpNeeds(residentBytes, type);
    const common = { process: found.process, format: 'core', neededBytes } as const;
    const message = 'the runtime writes its memory';
    const file = 'dotnet.core';
    const tool = found.tools['dotnet-dump'];
    if (tool) {
      const argv = (directory: string) =>
        toolWords(found, directory, dumpWords(found, { tool, type, path: `${directory}/${file}` }));
      return await runTool(context, { ...common, file, message, argv });
    }
    return await runTool(context, {
      ...common,
      file,
      message,
      argv: (directory) => askWords(found, `${directory}/${file}`, type),
      wholeScript: wholeCoreScript,
      judge: (said) => readReply(Buffer.from(said.replaceAll(/\s/g, ''), 'hex')),
    });
  },
};

function detected(found: DotnetProcess | NoDotnet): Detection {
  if ('reason' in found) return { works: false, ...found };
  const { pid, uid, command } = found.process;
  // A runtime that tries all the same closes its diagnostic socket: the process that could not become
  // createdump removes it as it ends (seen of .NET 9).
  if (found.noDumper !== undefined) {
    return {
      works: false,
      reason: `.NET (pid ${pid}) cannot write a dump: ${found.noDumper}, and the runtime starts it for that; a program published as one file comes without (the createdump of its own version, put there, would do)`,
    };
  }
  const by = found.tools['dotnet-dump'] ? name : found.speaker && `socket by ${found.speaker}`;
  if (!by) {
    return {
      works: false,
      reason: `.NET runs (pid ${pid}), but neither dotnet-dump is in the container nor what speaks to its diagnostic socket (perl, python3, socat, nc -U)`,
      mayWorkAside: true,
    };
  }
  return {
    works: true,
    tool: by,
    process: { pid, uid, command },
    detail: `${by} on pid ${pid} (${command})`,
  };
}

async function require(context: DiagnosticContext): Promise<DotnetProcess> {
  const found = await findDotnet(context, read(context.extraArgs));
  const detection = detected(found);
  if ('reason' in found) throw new PitstopError('diagnostic-unavailable', found.reason);
  if (!detection.works) throw new PitstopError('diagnostic-unavailable', detection.reason);
  return found;
}

const toolTypes: Readonly<Record<DumpType, string>> = {
  heap: 'Heap',
  full: 'Full',
  mini: 'Mini',
  triage: 'Triage',
};

function dumpWords(
  { process: { pid } }: DotnetProcess,
  { tool, type, path }: { readonly tool: string; readonly type: DumpType; readonly path: string },
): readonly string[] {
  return [tool, 'collect', '-p', String(pid), '--type', toolTypes[type], '-o', path];
}

/** The path goes to the runtime, which has its own view of the files. */
function askWords(
  { socket, speaker }: DotnetProcess,
  path: string,
  type: DumpType,
): readonly string[] {
  if (!speaker) throw new Error('detected without a way to speak to the socket');
  return speakerWords(speaker, { socket, request: createCoreDump(path, type) });
}

/**
 * Room to ask for, by what .NET 9 wrote: memory that is not resident is in no heap dump, what describes
 * it is; a full dump has the whole of each mapped file besides.
 */
function dumpNeeds(residentBytes: number, type: DumpType): number {
  if (type === 'mini' || type === 'triage') return 64 * mebibyte;
  return type === 'full'
    ? residentBytes * 2 + 128 * mebibyte
    : Math.ceil(residentBytes * 1.3) + 64 * mebibyte;
}

async function preflight(
  { target, signal }: DiagnosticContext,
  residentBytes: number,
  type: DumpType = 'heap',
): Promise<Preflight> {
  const isSmall = type === 'mini' || type === 'triage';
  const pod = await readPod(target, signal);
  const { rooms, memory } = await findRooms(target, pod, { residentBytes, signal });
  return {
    pauseMs: leastMs + (isSmall ? 0 : Math.round((residentBytes / bytesPerSecond) * 1000)),
    sizeBytes: dumpNeeds(residentBytes, type),
    basis: isSmall
      ? 'stacks, and what they refer to'
      : `${Math.ceil(residentBytes / mebibyte)} MiB of resident memory, ${bytesPerSecond / 1e6} MB/s (assumed)`,
    rooms,
    ...(memory && { memory }),
    options: [
      {
        flag: '-- --type=mini',
        what: 'a dump of stacks and what they refer to, without the heap',
        pauseMs: leastMs,
        sizeBytes: dumpNeeds(residentBytes, 'mini'),
      },
    ].slice(isSmall ? 1 : 0),
  };
}
