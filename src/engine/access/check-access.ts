import { KubeError, type Kube } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import type { Finding } from '../plan/interlocks/finding.ts';
import { deletesOf } from '../plan/parting.ts';
import type { Plan } from '../plan/plan.ts';
import type { SessionRequest } from '../plan/request.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { targetResource } from '../plan/target.ts';
import { accessInterlock, accessWarnings } from './access-interlock.ts';
import { allOwnerKinds, helperRules, requiredRules, type AccessNeeds } from './required-rules.ts';
import { reviewAccess } from './review-access.ts';

interface AccessCheck {
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
}

/** Whether the user may do what the plan says, asked of the server before anything is touched. */
export async function checkAccess(
  kube: Kube,
  plan: Plan,
  { snapshot, request }: { readonly snapshot: Snapshot; readonly request: SessionRequest },
  signal?: AbortSignal,
): Promise<AccessCheck> {
  const { namespace } = plan.metadata;
  const needs = {
    ...needsOf(plan, snapshot, request),
    serverMinor: await serverMinor(kube, signal),
  };
  // What may be listed and could be missed, the snapshot has found out by listing it.
  const rules = requiredRules(needs).filter(
    ({ optional, verb }) => optional === undefined || verb !== 'list',
  );
  const review = await reviewAccess(kube, namespace, rules, signal);
  return { findings: accessInterlock(review, namespace), warnings: accessWarnings(review) };
}

/** Whether the user may add an ephemeral container, which turned out to be needed. */
export async function checkHelperAccess(
  kube: Kube,
  { metadata, spec }: Plan,
  signal?: AbortSignal,
): Promise<AccessCheck> {
  const review = await reviewAccess(kube, metadata.namespace, helperRules(spec.pod), signal);
  return {
    findings: accessInterlock(review, metadata.namespace),
    warnings: accessWarnings(review),
  };
}

/** What a session by this plan does, as far as permissions depend on it. */
export function needsOf(
  { spec, status }: Plan,
  { pod, owner }: Snapshot,
  request: SessionRequest,
): AccessNeeds {
  const reference = pod.metadata?.ownerReferences?.find(({ controller }) => controller);
  const hasDeployment = owner?.kind === 'ReplicaSet' && owner.deployment !== undefined;
  return {
    route: status.route.name,
    pod: spec.pod,
    target: targetResource(request.target),
    ownerKinds: [...(reference ? [reference.kind] : []), ...(hasDeployment ? ['Deployment'] : [])],
    setsConditions: (status.conditions ?? []).length > 0,
    editsEntries: status.entries.length > 0,
    deletes: deletesOf(request) !== 'never',
    addsContainer: request.severIdleMs !== undefined,
    execs: status.diagnostic !== 'none' || status.services.length > 0,
    forwardsFor: status.diagnostic.startsWith('go-') ? status.diagnostic : undefined,
  };
}

/**
 * Reads what a plan is made from; where the user may not, says all that he lacks at once, not only
 * what came first. Throws `interlock`.
 */
export async function readAllowed<T>(
  kube: Kube,
  { namespace, route, target }: Pick<SessionRequest, 'namespace' | 'route' | 'target'>,
  read: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'forbidden') throw error;
    const needs = {
      route: route ?? 'label',
      target: targetResource(target),
      execs: true,
      serverMinor: await serverMinor(kube, signal),
    } as const;
    const review = async (ownerKinds: readonly string[]) => {
      const rules = requiredRules({ ...needs, ownerKinds });
      const [found] = accessInterlock(
        await reviewAccess(kube, namespace, rules, signal),
        namespace,
      );
      return found;
    };
    // Who owns the Pod shows only when the Pod does.
    const finding = (await review([])) ?? (await review(allOwnerKinds));
    if (!finding) throw error;
    throw new PitstopError('interlock', `interlock rbac: ${finding.object}: ${finding.message}`, {
      hint: finding.hint,
      cause: error,
    });
  }
}

/** Undefined where the server does not tell. */
export async function serverMinor(kube: Kube, signal?: AbortSignal): Promise<number | undefined> {
  try {
    const { minor } = await kube.version({ signal });
    return Number.isNaN(minor) ? undefined : minor;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}
