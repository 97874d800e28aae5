import { createPlan, type Plan } from '../../engine/index.ts';
import { connectWith } from '../connection.ts';
import { exitCodes, type ExitCode } from '../exit-code.ts';
import type { OutputFormat } from '../flags.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { renderPlan } from '../render/plan.ts';
import { toRequest, type SessionFlags } from '../session-request.ts';

/** Shows what a stop would do. That interlocks would refuse it is an answer, not a failure. */
export async function plan(io: Io, target: string, flags: SessionFlags): Promise<ExitCode> {
  await using kube = await connectWith(flags);
  const request = toRequest(target, kube.namespace, flags);
  await printPlan(io, flags.output, await createPlan(kube, request));
  return exitCodes.done;
}

export async function printPlan(
  io: Io,
  format: OutputFormat | undefined,
  plan: Plan,
): Promise<void> {
  switch (format) {
    case 'json':
    case 'yaml':
      return await printDocument(io, format, plan);
    case 'name':
      io.stdout.write(`pod/${plan.spec.pod}\n`);
      return;
    case 'wide':
    case undefined:
      io.stdout.write(renderPlan(plan, io.stdout));
  }
}
