import { EventPublisher, planFleet, runFleet, type FleetResult } from '../../engine/index.ts';
import { connectWith } from '../connection.ts';
import { drainQuestion } from '../drain-question.ts';
import { exitCodes, worstExitCode, type ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { printDocument } from '../render/document.ts';
import { printProblem } from '../render/error.ts';
import { openFleetProgress } from '../render/fleet-progress.ts';
import { planList, renderFleet, renderPlans, sessionList } from '../render/fleet.ts';
import { refusals } from '../refusals.ts';
import { toRequest, type SessionFlags } from '../session-request.ts';
import { UsageError } from '../usage-error.ts';
import { Recoveries } from './recoveries.ts';

/** `run TARGET --all`: a stop of each Pod, and one summary of all. */
export async function runAll(io: Io, target: string, flags: SessionFlags): Promise<ExitCode> {
  if (flags.dryRun !== undefined && flags.dryRun !== 'none')
    return await planAll(io, target, flags);
  const recoveries = new Recoveries(io, flags);
  const result = await conductAll(io, target, flags, recoveries);
  switch (flags.output) {
    case 'json':
    case 'yaml':
      await printDocument(io, flags.output, sessionList(result));
      break;
    case 'name':
      for (const { spec } of result.sessions) io.stdout.write(`pod/${spec.pod}\n`);
      break;
    case 'wide':
    case undefined:
      io.stdout.write(renderFleet(result, { wide: flags.output === 'wide' }));
  }
  for (const { metadata, spec, status } of result.sessions) {
    if (!status.error) continue;
    const { message, hint } = status.error;
    const restore = recoveries.commandFor(metadata.namespace, spec.pod);
    printProblem(io, { message, hint: status.podOut ? restore : hint });
  }
  for (const { message, hint } of result.refused) printProblem(io, { message, hint });
  return codeOf(io, result);
}

/** `--dry-run`: the plan of each Pod by itself. */
async function planAll(io: Io, target: string, flags: SessionFlags): Promise<ExitCode> {
  await using kube = await connectWith(flags);
  const result = await planFleet(kube, toRequest(target, kube.namespace, flags), io.signal);
  switch (flags.output) {
    case 'json':
    case 'yaml':
      await printDocument(io, flags.output, planList(result));
      break;
    case 'name':
      for (const { spec } of result.plans) io.stdout.write(`pod/${spec.pod}\n`);
      break;
    case 'wide':
    case undefined:
      io.stdout.write(renderPlans(result, { wide: flags.output === 'wide' }));
  }
  for (const { message, hint } of result.refused) printProblem(io, { message, hint });
  const isRefused = result.plans.some((plan) => refusals(plan).length > 0);
  return isRefused || result.refused.length > 0 ? exitCodes.refused : exitCodes.done;
}

async function conductAll(
  io: Io,
  target: string,
  flags: SessionFlags,
  recoveries: Recoveries,
): Promise<FleetResult> {
  const { artifactOutput, maxOut = 1, keepGoing } = flags;
  if (artifactOutput === '-') {
    throw new UsageError('--all makes several artifacts: -O has to name a directory');
  }
  await using kube = await connectWith(flags);
  await using progress = await openFleetProgress(io, { mode: flags.progress, atOnce: maxOut });
  const publishers: EventPublisher[] = [];
  await using _ = {
    // All at once: an events API that hangs costs its time once, and not for each Pod.
    [Symbol.asyncDispose]: async () => {
      await Promise.all(publishers.map((publisher) => publisher[Symbol.asyncDispose]()));
    },
  };
  const request = toRequest(target, kube.namespace, flags);
  // A slash at the end makes it a directory, in which each artifact is named after its Pod.
  const output = artifactOutput === undefined ? undefined : `${artifactOutput.replace(/\/$/, '')}/`;
  return await runFleet(
    kube,
    { ...request, output, maxOut, keepGoing },
    {
      signal: io.signal,
      onMessage: progress.say,
      onDrainTimeout: drainQuestion(io, progress),
      listen: (pod) => {
        const show = progress.listen(pod);
        const publisher = new EventPublisher(kube, (message) =>
          progress.say(`warning: ${message}`),
        );
        publishers.push(publisher);
        return (event) => {
          recoveries.onEvent(pod, event);
          show(event);
          publisher.onEvent(event);
        };
      },
    },
  );
}

function codeOf(io: Io, { sessions, refused }: FleetResult): ExitCode {
  const worst = worstExitCode(sessions);
  if (worst === exitCodes.podOut) return worst;
  if (io.signal.aborted) return exitCodes.interrupted;
  if (worst !== exitCodes.done || refused.length === 0) return worst;
  return sessions.length === 0 ? exitCodes.refused : exitCodes.failed;
}
