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

const name = 'dotnet-dump';
const spec = { type: oneOf('heap', 'full', 'mini', 'triage'), pid: wholeNumber('PID') };
const read = (words?: readonly string[]) => readOptions(name, spec, words);

const mebibyte = 2 ** 20;

/** No dump was measured: so fast at least createdump is thought to copy memory, on a slow disk. */
const bytesPerSecond = 50e6;

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
    return await preflight(context, process.residentBytes);
  },
  async run(context) {
    const found = await require(context);
    const { type = 'heap' } = read(context.extraArgs);
    const { residentBytes } = found.process;
    const neededBytes = dumpNeeds(residentBytes);
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
      judge: (said) => readReply(Buffer.from(said.replaceAll(/\s/g, ''), 'hex')),
    });
  },
};

function detected(found: DotnetProcess | NoDotnet): Detection {
  if ('reason' in found) return { works: false, ...found };
  const { pid, uid, command } = found.process;
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

/** Room to ask for: memory that is not resident is in no heap dump, what describes it is. */
function dumpNeeds(residentBytes: number): number {
  return Math.ceil(residentBytes * 1.3) + 64 * mebibyte;
}

async function preflight(
  { target, signal }: DiagnosticContext,
  residentBytes: number,
): Promise<Preflight> {
  const pod = await readPod(target, signal);
  const { rooms, memory } = await findRooms(target, pod, { residentBytes, signal });
  return {
    pauseMs: Math.round((residentBytes / bytesPerSecond) * 1000),
    sizeBytes: dumpNeeds(residentBytes),
    basis: `${Math.ceil(residentBytes / mebibyte)} MiB of resident memory, ${bytesPerSecond / 1e6} MB/s (assumed)`,
    rooms,
    ...(memory && { memory }),
    options: [
      {
        flag: '-- --type=mini',
        what: 'a dump of stacks and what they refer to, without the heap',
        pauseMs: 2000,
        sizeBytes: 64 * mebibyte,
      },
    ],
  };
}
