import { KubeError, type Kube } from '../../kube/index.ts';
import { decide } from '../plan/decide.ts';
import type { SessionRequest } from '../plan/request.ts';
import { targetResource } from '../plan/target.ts';
import { readSnapshot } from '../read-snapshot.ts';
import { PitstopError } from '../errors.ts';
import { needsOf, serverMinor } from './check-access.ts';
import { allOwnerKinds, requiredRules, type AccessNeeds } from './required-rules.ts';
import { reviewAccess } from './review-access.ts';
import { roleFor, roleYaml } from './role.ts';

/**
 * The Role that a session by this request needs, and its binding to the user, as YAML. Of a Pod that
 * the user may not look at, what any Pod with the asked-for route (else `release`) would need.
 */
export async function planRole(
  kube: Kube,
  request: SessionRequest,
  signal?: AbortSignal,
): Promise<string> {
  const { namespace } = request;
  const [needs, minor, { user }] = await Promise.all([
    readNeeds(kube, request, signal),
    serverMinor(kube, signal),
    reviewAccess(kube, namespace, [], signal),
  ]);
  return roleYaml(roleFor(requiredRules({ ...needs, serverMinor: minor }), { namespace, user }));
}

async function readNeeds(
  kube: Kube,
  request: SessionRequest,
  signal?: AbortSignal,
): Promise<AccessNeeds> {
  try {
    const snapshot = await readSnapshot(kube, request, signal);
    const plan = decide(snapshot, request, request.diagnostic ?? 'auto');
    return needsOf(plan, snapshot, request);
  } catch (error) {
    const forbidden = error instanceof PitstopError && error.code === 'interlock';
    if (!forbidden || !(error.cause instanceof KubeError)) throw error;
    return {
      route: request.route ?? 'release',
      target: targetResource(request.target),
      ownerKinds: allOwnerKinds,
      execs: true,
    };
  }
}
