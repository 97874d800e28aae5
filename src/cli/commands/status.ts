import { readStatus, type StatusReport } from '../../engine/index.ts';
import { connectWith } from '../connection.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { renderStatus } from '../render/status.ts';

interface StatusFlags extends CommonFlags {
  /** commander's reading of --no-headers. */
  readonly headers?: boolean;
}

/** Services, the endpoints behind them, and who is out. */
export async function status(
  io: Io,
  target: string | undefined,
  flags: StatusFlags,
): Promise<ExitCode> {
  await using kube = await connectWith(flags);
  const { namespace } = kube;
  const report = await readStatus(kube, { namespace, target }, io.signal);
  await print(io, flags, report);
  return exitCodes.done;
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
      const options = { nowMs: Date.now(), wide: flags.output === 'wide', headers: flags.headers };
      const text = renderStatus(report, options);
      if (text === '') {
        io.stderr.write(`No Services found in ${report.metadata.namespace} namespace.\n`);
      }
      io.stdout.write(text);
    }
  }
}
