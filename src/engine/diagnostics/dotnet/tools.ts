import { reach } from '../../container/target.ts';
import { PitstopError } from '../../errors.ts';
import type { Detection, Diagnostic, DiagnosticContext } from '../diagnostic.ts';
import { runTool } from '../run-tool.ts';
import { smallPreflight } from '../small-preflight.ts';
import { describeOptions, readOptions, wholeNumber } from '../word-options.ts';
import {
  findDotnet,
  toolWords,
  type DotnetProcess,
  type DotnetTool,
  type NoDotnet,
} from './find-dotnet.ts';

const spec = { pid: wholeNumber('PID') };

interface ToolDiagnostic {
  readonly name: string;
  readonly summary: string;
  readonly tool: DotnetTool;
  readonly basis: string;
  readonly message: string;
  readonly run: (
    context: DiagnosticContext,
    found: DotnetProcess & { readonly tool: string },
  ) => Pick<Parameters<typeof runTool>[1], 'argv' | 'file' | 'printed' | 'format'>;
}

/** The objects of a .NET heap by type, without their contents: the runtime tells them during a collection. */
export const dotnetGcdump = byTool({
  name: 'dotnet-gcdump',
  summary: 'heap of a .NET process as a graph of types, by dotnet-gcdump; a full collection first',
  tool: 'dotnet-gcdump',
  basis: 'a graph of the heap without its contents, and a full collection to walk it',
  message: 'the runtime tells its heap',
  run: ({ target, timeoutMs }, found) => ({
    file: 'heap.gcdump',
    format: 'gcdump',
    argv: (directory) =>
      toolWords(found, directory, [
        found.tool,
        'collect',
        '-p',
        String(found.process.pid),
        '-t',
        String(Math.ceil(timeoutMs / 1000)),
        '-o',
        reach(target, `${directory}/heap.gcdump`),
      ]),
  }),
});

/** What every managed thread is doing. */
export const dotnetStacks = byTool({
  name: 'dotnet-stacks',
  summary: 'stacks of the managed threads of a .NET process (text), by dotnet-stack',
  tool: 'dotnet-stack',
  basis: 'stacks of the managed threads',
  message: 'the runtime tells its stacks',
  run: (_, found) => ({
    file: 'dotnet.stacks.txt',
    printed: true,
    format: 'text',
    argv: (directory) =>
      toolWords(found, directory, [found.tool, 'report', '-p', String(found.process.pid)]),
  }),
});

function byTool({ name, summary, tool, basis, message, run }: ToolDiagnostic): Diagnostic {
  const find = (context: DiagnosticContext) =>
    findDotnet(context, readOptions(name, spec, context.extraArgs));
  return {
    name,
    summary,
    automatic: false,
    options: describeOptions(spec),
    checkOptions: (words) => void readOptions(name, spec, words),
    detect: async (context) => detected(await find(context), tool),
    preflight: (context) => smallPreflight(context, basis),
    async run(context) {
      const found = await find(context);
      const path = 'reason' in found ? undefined : found.tools[tool];
      if ('reason' in found || path === undefined) {
        const detection = detected(found, tool);
        const why = detection.works ? '' : detection.reason;
        throw new PitstopError('diagnostic-unavailable', why);
      }
      const { process } = found;
      return await runTool(context, {
        process,
        message,
        ...run(context, { ...found, tool: path }),
      });
    },
  };
}

function detected(found: DotnetProcess | NoDotnet, tool: DotnetTool): Detection {
  if ('reason' in found) return { works: false, ...found };
  const { pid, uid, command } = found.process;
  if (found.tools[tool] === undefined) {
    return {
      works: false,
      reason: `.NET runs (pid ${pid}), but ${tool} is not in the container (PATH, ~/.dotnet/tools, /tools; an image that has it: --debug-image)`,
      mayWorkAside: 'own-image',
    };
  }
  const process = { pid, uid, command };
  return { works: true, tool, process, detail: `${tool} on pid ${pid} (${command})` };
}
