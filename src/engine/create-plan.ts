import type { Kube } from '../kube/index.ts';
import { checkAccess } from './access/check-access.ts';
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
  const { namespace } = request;
  const snapshot = await readSnapshot(kube, request, signal);
  const decided = decide(snapshot, request, request.diagnostic ?? 'auto');
  const access = await checkAccess(kube, decided, snapshot, signal);
  const plan = withFindings(decided, { ...access, overrides: request.overrides });
  const warnings = [...plan.status.warnings];

  let { diagnostic } = plan.status;
  try {
    const target = { kube, namespace, pod: plan.spec.pod, container: plan.spec.container };
    const chosen = await chooseDiagnostic(target, request, signal);
    diagnostic = `${chosen.diagnostic.name} (${chosen.detection.detail})`;
  } catch (error) {
    signal.throwIfAborted();
    diagnostic = 'none';
    warnings.push(describeError(error).message);
  }
  const dryRun =
    request.dryRun === 'server' ? await checkWrites(kube, snapshot.pod, plan, signal) : undefined;
  return { ...plan, status: { ...plan.status, diagnostic, warnings, ...(dryRun && { dryRun }) } };
}
