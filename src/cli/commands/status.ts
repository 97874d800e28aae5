import { readStatus, watchStatus, type StatusReport } from '../../engine/index.ts';
import { connectWith } from '../connection.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { Screen } from '../render/screen.ts';
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
  using view = openView(io, flags);
  for await (const report of watchStatus(kube, request, io.signal)) await view.show(report);
  return exitCodes.done;
}

/** A terminal shows the state as it is; a file or pipe gets one after the other. */
function openView(io: Io, flags: StatusFlags): View {
  if (io.stdout.isTTY && (flags.output === undefined || flags.output === 'wide')) {
    return openScreen(io, flags);
  }
  let isFirst = true;
  return {
    show: async (report) => {
      if (!isFirst && flags.output !== 'json') io.stdout.write(separator(flags));
      isFirst = false;
      await print(io, flags, report);
    },
    [Symbol.dispose]: () => {},
  };
}

interface View extends Disposable {
  readonly show: (report: StatusReport) => Promise<void>;
}

/** Drawn anew each second: what is shown of time goes on without a change of any object. */
function openScreen(io: Io, flags: StatusFlags): View {
  const screen = new Screen(io.stdout);
  let last: StatusReport | undefined;
  const draw = () => {
    if (last) screen.draw(tables(flags, last) || noServices(last));
  };
  const timer = setInterval(draw, 1_000);
  return {
    show: async (report) => {
      last = report;
      draw();
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

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
      const text = tables(flags, report);
      if (text === '') io.stderr.write(noServices(report));
      io.stdout.write(text);
    }
  }
}

function tables(flags: StatusFlags, report: StatusReport): string {
  return renderStatus(report, {
    nowMs: Date.now(),
    wide: flags.output === 'wide',
    headers: flags.headers,
    namespaces: flags.allNamespaces,
  });
}

function noServices({ metadata: { namespace } }: StatusReport): string {
  return `No Services found ${namespace === '' ? 'in any namespace' : `in ${namespace} namespace`}.\n`;
}
