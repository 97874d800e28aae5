import { readStatus, watchStatus, type StatusReport } from '../../engine/index.ts';
import { connectWith } from '../connection.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { renderStatus } from '../render/status.ts';
import { UsageError } from '../usage-error.ts';

interface StatusFlags extends CommonFlags {
  /** commander's reading of --no-headers. */
  readonly headers?: boolean;
  readonly allNamespaces?: boolean;
  readonly watch?: boolean;
}

/** Services, the endpoints behind them, and who is out. */
export async function status(
  io: Io,
  target: string | undefined,
  flags: StatusFlags,
): Promise<ExitCode> {
  const { allNamespaces, watch } = flags;
  if (target !== undefined && allNamespaces) {
    throw new UsageError('a target is in one namespace: -A goes without one');
  }
  await using kube = await connectWith(flags);
  const request = { namespace: kube.namespace, allNamespaces, target };
  if (!watch) {
    await print(io, flags, await readStatus(kube, request, io.signal));
    return exitCodes.done;
  }
  let isFirst = true;
  for await (const report of watchStatus(kube, request, io.signal)) {
    // A terminal shows the state as it is; a file or pipe gets one after the other.
    if (io.stdout.isTTY && !flags.output?.match(/json|yaml|name/)) io.stdout.write(clearScreen);
    else if (!isFirst && flags.output !== 'json') io.stdout.write(separator(flags));
    await print(io, flags, report);
    isFirst = false;
  }
  return exitCodes.done;
}

const clearScreen = '\u001B[H\u001B[2J';

function separator({ output }: StatusFlags): string {
  return output === 'yaml' ? '---\n' : '\n';
}

async function print(io: Io, flags: StatusFlags, report: StatusReport): Promise<void> {
  switch (flags.output) {
    case 'json':
    case 'yaml':
      return await printDocument(io, flags.output, report);
    case 'name':
      for (const { pod } of report.sessions) io.stdout.write(`pod/${pod}\n`);
      return;
    case 'wide':
    case undefined: {
      const options = {
        nowMs: Date.now(),
        wide: flags.output === 'wide',
        headers: flags.headers,
        namespaces: flags.allNamespaces,
      };
      const text = renderStatus(report, options);
      if (text === '') {
        const { namespace } = report.metadata;
        const where = namespace === '' ? 'in any namespace' : `in ${namespace} namespace`;
        io.stderr.write(`No Services found ${where}.\n`);
      }
      io.stdout.write(text);
    }
  }
}
