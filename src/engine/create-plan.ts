import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../kube/index.ts';
import { checkAccess } from './access/check-access.ts';
import { checkPreflight } from './check-preflight.ts';
import { checkWrites } from './check-writes.ts';
import { chooseDiagnostic } from './diagnostics/choose-diagnostic.ts';
import { decide } from './plan/decide.ts';
import { withFindings } from './plan/interlocks/finding.ts';
import type { Plan } from './plan/plan.ts';
import type { SessionRequest } from './plan/request.ts';
import { describeError } from './session/session-log.ts';
import { readSnapshot } from './read-snapshot.ts';

/**
 * What a session would do, and why; touches nothing. With `dryRun: 'server'` every write is sent
 * with dryRun=All, and the plan tells what became of each.
 */
export async function createPlan(
  kube: Kube,
  request: SessionRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<Plan> {
  const snapshot = await readSnapshot(kube, request, signal);
  const decided = decide(snapshot, request, request.diagnostic ?? 'auto');
  const access = await checkAccess(kube, decided, { snapshot, request }, signal);
  const plan = withFindings(decided, { ...access, overrides: request.overrides });
  const { pod } = snapshot;
  const whole = await withDiagnostic(kube, plan, pod, request, signal);
  if (request.dryRun !== 'server') return whole;
  const dryRun = await checkWrites(kube, pod, whole, signal);
  return { ...whole, status: { ...whole.status, dryRun } };
}

/** The plan with the diagnostic that would run and what it may need; without one, it says why. */
async function withDiagnostic(
  kube: Kube,
  plan: Plan,
  pod: Pod,
  request: SessionRequest,
  signal: AbortSignal,
): Promise<Plan> {
  const { namespace } = plan.metadata;
  const target = { kube, namespace, pod: plan.spec.pod, container: plan.spec.container };
  try {
    const chosen = await chooseDiagnostic(target, request, signal);
    const checked = await checkPreflight(plan, { target, pod, chosen, request, signal });
    const diagnostic = `${chosen.diagnostic.name} (${chosen.detection.detail})`;
    return { ...checked, status: { ...checked.status, diagnostic } };
  } catch (error) {
    signal.throwIfAborted();
    const warnings = [...plan.status.warnings, describeError(error).message];
    return { ...plan, status: { ...plan.status, diagnostic: 'none', warnings } };
  }
}
