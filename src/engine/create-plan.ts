import type { Kube } from '../kube/index.ts';
import { checkAccess, checkHelperAccess } from './access/check-access.ts';
import { checkHome } from './check-home.ts';
import { checkPreflight } from './check-preflight.ts';
import { checkWrites } from './check-writes.ts';
import { describeWay } from './container/open-way.ts';
import { mayWorkAside, withoutHelp } from './diagnostics/choose-anywhere.ts';
import { chooseDiagnostic } from './diagnostics/choose-diagnostic.ts';
import { findDiagnostic } from './diagnostics/index.ts';
import { checkRoom } from './fleet/max-out.ts';
import { decide } from './plan/decide.ts';
import { withFindings } from './plan/interlocks/finding.ts';
import { refuseKeeping } from './plan/parting.ts';
import type { Plan } from './plan/plan.ts';
import type { SessionRequest } from './plan/request.ts';
import type { Snapshot } from './plan/snapshot.ts';
import { describeError } from './session/session-log.ts';
import { readSnapshot } from './read-snapshot.ts';
import { checkDestination } from './steps/collect.ts';

/**
 * What a session would do, and why; touches nothing. With `dryRun: 'server'` every write is sent
 * with dryRun=All, and the plan tells what became of each.
 */
export async function createPlan(
  kube: Kube,
  request: SessionRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Plan> {
  const { diagnostic = 'auto', customDiagnostics } = request;
  // One that is there and does not work is told in the plan; one that is mistyped is not planned for.
  if (diagnostic !== 'auto' && diagnostic !== 'none') findDiagnostic(diagnostic, customDiagnostics);
  await checkRoom(kube, request, signal);
  const snapshot = await readSnapshot(kube, request, signal);
  const decided = decide(snapshot, request, diagnostic);
  const access = await checkAccess(kube, decided, { snapshot, request }, signal);
  const plan = withFindings(decided, { ...access, overrides: request.overrides });
  const { pod } = snapshot;
  const whole = await withDiagnostic(kube, plan, snapshot, request, signal);
  if (request.dryRun !== 'server') return whole;
  const dryRun = await checkWrites(kube, pod, whole, signal);
  return withStatus(whole, { dryRun });
}

/** The plan with the diagnostic that would run and what it may need, or with what would refuse that. */
async function withDiagnostic(
  kube: Kube,
  plan: Plan,
  snapshot: Snapshot,
  request: SessionRequest,
  signal: AbortSignal,
): Promise<Plan> {
  if (request.diagnostic === 'none') return plan;
  const { namespace } = plan.metadata;
  const { pod } = snapshot;
  const target = {
    kube,
    namespace,
    pod: plan.spec.pod,
    container: plan.spec.container,
    remoteDirectory: request.remoteDirectory,
  };
  let known = withStatus(plan, { diagnostic: 'none' });
  try {
    // Where it goes by default, a plan need not be able to write.
    const destination =
      request.output === undefined ? undefined : await checkDestination(request.output);
    refuseKeeping(plan, request);
    const chosen = await chooseDiagnostic(target, request, signal);
    const checked = await checkPreflight(plan, { target, pod, chosen, request, signal });
    const diagnostic = `${chosen.diagnostic.name} (${chosen.detection.detail})`;
    known = withStatus(checked, { diagnostic });
    if (destination) await checkHome(destination, checked, request);
    return known;
  } catch (error) {
    signal.throwIfAborted();
    if (!mayWorkAside(error)) return withStatus(known, { refused: describeError(error) });
    if (request.debugImage === 'none') {
      return withStatus(known, { refused: describeError(withoutHelp(error)) });
    }
    return await withHelper(kube, plan, snapshot, { request, reason: error.message, signal });
  }
}

/** What runs is only known once the ephemeral container is there, and a plan adds none. */
async function withHelper(
  kube: Kube,
  plan: Plan,
  snapshot: Snapshot,
  {
    request,
    reason,
    signal,
  }: {
    readonly request: SessionRequest;
    readonly reason: string;
    readonly signal: AbortSignal;
  },
): Promise<Plan> {
  const way = describeWay(snapshot.pod, plan.spec.container, request.debugImage);
  const access = await checkHelperAccess(kube, plan, signal);
  const checked = withFindings(plan, {
    findings: access.findings,
    warnings: [`${reason}: ${way}`, ...access.warnings],
    overrides: request.overrides,
  });
  const diagnostic = `${request.command ? 'command' : (request.diagnostic ?? 'auto')} (through an ephemeral container)`;
  return withStatus(checked, { diagnostic });
}

function withStatus(plan: Plan, more: Partial<Plan['status']>): Plan {
  return { ...plan, status: { ...plan.status, ...more } };
}
