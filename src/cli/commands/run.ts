import { createPlan, runSession } from '../../engine/index.ts';
import { withCustomDiagnostics } from '../custom-diagnostics.ts';
import { exitCodeOf, exitCodes, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { refusals } from '../refusals.ts';
import { printSession } from '../render/session.ts';
import { connectWith } from '../connection.ts';
import { toRequest, type SessionFlags } from '../session-request.ts';
import { UsageError } from '../usage-error.ts';
import { conduct } from './conduct.ts';
import { printPlan } from './plan.ts';

/** The whole stop. */
export async function run(io: Io, target: string, given: SessionFlags): Promise<ExitCode> {
  const flags = await withCustomDiagnostics(io, given);
  if (flags.all) {
    const { runAll } = await import('./run-all.ts');
    return await runAll(io, target, flags);
  }
  if (flags.dryRun !== undefined && flags.dryRun !== 'none') return await dryRun(io, target, flags);
  if (flags.keepGoing) throw new UsageError('--keep-going goes with --all');
  const session = await conduct(io, flags, (kube, listeners) =>
    runSession(kube, toRequest(target, kube.namespace, flags), {
      signal: io.signal,
      ...listeners,
    }),
  );
  await printSession(io, flags, session);
  return exitCodeOf(session);
}

/** Shows the plan instead; with `server` the API server has also checked the isolating write. */
export async function dryRun(io: Io, target: string, flags: SessionFlags): Promise<ExitCode> {
  await using kube = await connectWith(flags);
  const plan = await createPlan(kube, toRequest(target, kube.namespace, flags));
  await printPlan(io, flags, plan);
  return refusals(plan).length > 0 ? exitCodes.refused : exitCodes.done;
}
