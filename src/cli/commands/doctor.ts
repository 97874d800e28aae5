import { printableRole, runDoctor, type DoctorReport, type Finding } from '../../engine/index.ts';
import type { Kube } from '../../kube/index.ts';
import { asCalled } from '../as-called.ts';
import { canAsk, confirm } from '../ask.ts';
import { connectWith } from '../connection.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import { findExecutable } from '../find-executable.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { renderDoctor, renderRepairs } from '../render/doctor.ts';
import { printDocument } from '../render/document.ts';
import { UsageError } from '../usage-error.ts';

interface DoctorFlags extends CommonFlags {
  readonly allNamespaces?: boolean;
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly dryRun: 'none' | 'server';
  readonly files?: boolean;
  readonly printRbac?: boolean;
}

/** Looks for what is wrong, says it, and with --fix repairs what is safe. */
export async function doctor(io: Io, flags: DoctorFlags): Promise<ExitCode> {
  const { fix = false, dryRun, yes = false } = flags;
  if (!fix && (yes || dryRun !== 'none')) {
    throw new UsageError('--yes and --dry-run belong to --fix', 'without --fix nothing is touched');
  }
  if (fix && !yes && dryRun === 'none' && !canAsk(io)) {
    throw new UsageError(
      'there is no terminal to ask on before repairing anything',
      'kubectl pitstop doctor shows what would be repaired; --fix --yes does it',
    );
  }
  await using kube = await connectWith(flags);
  if (flags.printRbac) {
    io.stdout.write(await printableRole(kube, io.signal));
    return exitCodes.done;
  }
  const report = await runDoctor(
    kube,
    {
      namespace: flags.allNamespaces ? undefined : kube.namespace,
      local: {
        nodeVersion: process.version,
        kubectl: await findExecutable('kubectl', io.env),
        plugin: await findExecutable('kubectl-pitstop', io.env),
      },
      files: flags.files ?? false,
    },
    {
      signal: io.signal,
      dryRun: dryRun === 'server',
      onProgress: (message) => io.stderr.write(`${message}\n`),
      ...(fix && { choose: chooser(io, flags, kube) }),
    },
  );
  await print(io, flags, report);
  return exitCodeFor(report);
}

/** Shows every repair before anything is done, and asks where somebody can answer. */
function chooser(
  io: Io,
  { yes = false, dryRun, output }: DoctorFlags,
  { context }: Kube,
): (findings: readonly Finding[]) => Promise<readonly Finding[]> {
  return async (findings) => {
    const isDocument = output === 'json' || output === 'yaml';
    if (!isDocument) io.stderr.write(renderRepairs(findings, io.stderr));
    if (yes || dryRun !== 'none') return findings;
    const question = `Repair ${findings.length === 1 ? 'it' : `all ${findings.length}`} in context ${context}?`;
    return (await confirm(io, question)) ? findings : [];
  };
}

async function print(io: Io, flags: DoctorFlags, report: DoctorReport): Promise<void> {
  switch (flags.output) {
    case 'json':
    case 'yaml':
      return await printDocument(io, flags.output, report);
    case 'name':
      for (const { object } of report.status.findings) io.stdout.write(`${object}\n`);
      return;
    case 'wide':
    case undefined:
      io.stdout.write(
        asCalled(
          renderDoctor(report, { stream: io.stdout, wide: flags.output === 'wide' }),
          io.env,
        ),
      );
  }
}

/** Without the kinds that all depends on it has not looked at all. Notes are worth knowing, but nothing is wrong with what they are about. */
function exitCodeFor({ status }: DoctorReport): ExitCode {
  const blind = status.findings.some(
    ({ name, severity }) => name === 'not-looked-at' && severity === 'error',
  );
  if (blind) return exitCodes.refused;
  const wrong = status.findings.some(({ severity }) => severity !== 'note');
  return wrong ? exitCodes.failed : exitCodes.done;
}
