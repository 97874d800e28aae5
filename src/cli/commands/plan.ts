import { createPlan, planRole, type Plan } from '../../engine/index.ts';
import { asCalled } from '../as-called.ts';
import { commandLine, connectWith, quote } from '../connection.ts';
import { withCustomDiagnostics } from '../custom-diagnostics.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { refusals } from '../refusals.ts';
import { renderPlan } from '../render/plan.ts';
import { toRequest, type SessionFlags } from '../session-request.ts';

interface PlanFlags extends SessionFlags {
  readonly printRole?: boolean;
}

/** Shows what a stop would do, and ends as it would where it would be refused. */
export async function plan(io: Io, target: string, given: PlanFlags): Promise<ExitCode> {
  const flags = await withCustomDiagnostics(io, given);
  await using kube = await connectWith(flags);
  const request = toRequest(target, kube.namespace, flags);
  if (flags.printRole) {
    io.stdout.write(await planRole(kube, request));
    return exitCodes.done;
  }
  const made = await createPlan(kube, request);
  await printPlan(io, flags, made);
  return refusals(made).length > 0 ? exitCodes.refused : exitCodes.done;
}

export async function printPlan(io: Io, flags: SessionFlags, plan: Plan): Promise<void> {
  const { output } = flags;
  switch (output) {
    case 'json':
    case 'yaml':
      return await printDocument(io, output, plan);
    case 'name':
      io.stdout.write(`pod/${plan.spec.pod}\n`);
      return;
    case 'wide':
    case undefined: {
      const next = asCalled(nextCommand(flags, plan), io.env);
      io.stdout.write(renderPlan(plan, { stream: io.stdout, next, wide: output === 'wide' }));
    }
  }
}

/** What does as the plan says, with what was asked for; without a diagnostic it can only take the Pod out. */
function nextCommand(flags: SessionFlags, { metadata, spec, status }: Plan): string {
  const { container, route, diagnostic, override = [] } = flags;
  const runs = status.diagnostic !== 'none';
  const line = commandLine(flags, [
    runs ? 'run' : 'isolate',
    spec.pod,
    '-n',
    metadata.namespace,
    ...(container === undefined ? [] : ['-c', container]),
    ...(route === undefined ? [] : [`--route=${route}`]),
    ...(runs && diagnostic !== undefined ? [`--diagnostic=${diagnostic}`] : []),
    ...(runs ? (flags.diagnosticsFile ?? []).map((file) => `--diagnostics-file=${file}`) : []),
    ...(runs && flags.remoteDir !== undefined ? [`--remote-dir=${flags.remoteDir}`] : []),
    ...override.map((name) => `--override=${name}`),
  ]);
  return runs && flags.command ? `${line} -- ${flags.command.map(quote).join(' ')}` : line;
}
