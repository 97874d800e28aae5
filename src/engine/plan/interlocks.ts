import type { Interlock, InterlockName, PlanService } from './plan.ts';
import { recordAnnotation } from '../annotations.ts';
import { describeOwner } from './routes/owner.ts';
import type { Owner, Snapshot } from './snapshot.ts';

/** Every condition under which a pit stop is refused, in the order a person should read them. */
export function findInterlocks(
  { pod, owner }: Snapshot,
  services: readonly PlanService[],
  overrides: readonly InterlockName[] = [],
): readonly Interlock[] {
  const object = `pod/${pod.metadata?.name}`;
  const found: Omit<Interlock, 'overridden'>[] = [];

  if (pod.metadata?.deletionTimestamp) {
    found.push({
      name: 'terminating',
      object,
      message: 'the Pod is being deleted',
      overridable: false,
    });
  }
  if (pod.metadata?.annotations?.[recordAnnotation] !== undefined) {
    found.push({
      name: 'session-exists',
      object,
      message: 'another session holds the Pod (or left it out); restore it first',
      overridable: false,
    });
  }
  if (!isReady(pod.status?.conditions)) {
    found.push({
      name: 'not-ready',
      object,
      message: 'the Pod is not Ready, so its way back could not be proven',
      overridable: true,
    });
  }
  const rollout = owner && rolloutInProgress(owner);
  if (rollout) {
    found.push({
      name: 'rollout',
      object: describeOwner(owner),
      message: rollout,
      overridable: true,
    });
  }
  for (const service of services) {
    // A Pod that is not ready there carries nothing: taking it out changes nothing.
    if (service.readyOthers > 0 || service.readyEndpoints === 0) continue;
    found.push({
      name: 'last-endpoint',
      object: `service/${service.name}`,
      message: 'the Pod is its only ready endpoint: its clients would be refused',
      overridable: true,
    });
  }
  return found.map((interlock) => ({
    ...interlock,
    overridden: interlock.overridable && overrides.includes(interlock.name),
  }));
}

export function isReady(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
): boolean {
  return conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** Why a rollout counts as under way; a Pod of an old revision would be the first to go. */
function rolloutInProgress(owner: Owner): string | undefined {
  switch (owner.kind) {
    case 'ReplicaSet': {
      const { deployment } = owner;
      if (!deployment) return undefined;
      const { metadata, spec, status } = deployment;
      const replicas = spec?.replicas ?? 1;
      if ((status?.observedGeneration ?? 0) < (metadata?.generation ?? 0)) {
        return 'a change of the Deployment has not been acted on yet';
      }
      if ((status?.updatedReplicas ?? 0) < replicas || (status?.replicas ?? 0) > replicas) {
        return `${status?.updatedReplicas ?? 0} of ${replicas} replicas are of the new revision`;
      }
      return undefined;
    }
    case 'StatefulSet': {
      const { status, spec } = owner.statefulSet;
      if (
        status?.updateRevision === undefined ||
        status.updateRevision === status.currentRevision
      ) {
        return undefined;
      }
      return `${status.updatedReplicas ?? 0} of ${spec?.replicas ?? 1} replicas are of the new revision`;
    }
    case 'DaemonSet': {
      const { status } = owner.daemonSet;
      const desired = status?.desiredNumberScheduled ?? 0;
      const updated = status?.updatedNumberScheduled ?? desired;
      return updated < desired
        ? `${updated} of ${desired} Pods are of the new revision`
        : undefined;
    }
    case 'Other':
      return undefined;
  }
}
