import type { Kube } from '../kube/index.ts';
import { checkAccess } from './access/check-access.ts';
import { chooseDiagnostic } from './diagnostics/choose-diagnostic.ts';
import { decide } from './plan/decide.ts';
import { withFindings } from './plan/interlocks/finding.ts';
import { PitstopError } from './errors.ts';
import type { Plan } from './plan/plan.ts';
import { newRecord, newSession } from './session/prepare.ts';
import { recordAnnotation } from './annotations.ts';
import { encodeRecord } from './session/record.ts';
import type { SessionRequest } from './plan/request.ts';
import { describeError } from './session/session-log.ts';
import { readSnapshot } from './read-snapshot.ts';

/**
 * What a session would do, and why; touches nothing. With `dryRun: 'server'` the isolating write is
 * sent with dryRun=All, so that admission and permissions have their say.
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
  if (request.dryRun === 'server') {
    await sendDryRun(kube, plan, snapshot.pod);
    warnings.push('the server accepts the isolating write (dry run)');
  }
  return { ...plan, status: { ...plan.status, diagnostic, warnings } };
}

async function sendDryRun(
  kube: Kube,
  plan: Plan,
  pod: Parameters<typeof newRecord>[1]['pod'],
): Promise<void> {
  const { name, namespace } = plan.metadata;
  const record = newRecord(kube, { pod, plan }, newSession(plan, plan.status.diagnostic));
  try {
    await kube.patch(
      { resource: 'pods', namespace, name },
      {
        metadata: {
          uid: plan.spec.podUid,
          labels: plan.status.labels,
          annotations: { [recordAnnotation]: encodeRecord(record) },
        },
      },
      { type: 'merge', dryRun: true },
    );
  } catch (cause) {
    throw new PitstopError(
      'cluster',
      `the server refuses the isolating write of pod ${namespace}/${name}: ${describeError(cause).message}`,
      { hint: `kubectl auth can-i patch pods -n ${namespace}`, cause },
    );
  }
}
