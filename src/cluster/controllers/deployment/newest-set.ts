import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import { isAlreadyExists, isNamespaceTerminating, messageOf } from '../api-errors.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { controllerOf, controllerReference, metaOf } from '../object-meta.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { maxRevision, newestSetAnnotations, REVISION } from './annotations.ts';
import { findCondition, type NewCondition, setCondition } from './conditions.ts';
import { isRollingUpdate, maxSurge, replicasOf } from './fenceposts.ts';
import type { Rollout } from './rollout.ts';
import { byCreation } from './set-order.ts';
import { hasDeadline, type Sets, sum } from './status.ts';
import { hasTemplate, TEMPLATE_HASH_LABEL, templateHash } from './template-hash.ts';

/** Tells the ReplicaSet of the current template from the old ones and keeps the revision numbers. */
export function sortOut(
  rollout: Rollout,
  sets: readonly ReplicaSet[],
  { create }: { readonly create: boolean },
): Sets {
  const template = templateOf(rollout.deployment);
  const existing = sets.toSorted(byCreation).find(({ spec }) => hasTemplate(spec ?? {}, template));
  const old = sets.filter((set) => set !== existing);
  const revision = maxRevision(old) + 1n;
  if (existing) return { newest: keepUp(rollout, existing, revision), old };
  return { newest: create ? createSet(rollout, old, revision) : undefined, old };
}

function templateOf({ spec }: Deployment): PodTemplateSpec {
  return spec?.template ?? {};
}

/** A ReplicaSet may be older than the newest revision (a rollback): it becomes the newest then. */
function keepUp(rollout: Rollout, set: ReplicaSet, revision: bigint): ReplicaSet {
  const { deployment } = rollout;
  const annotations = newestSetAnnotations(deployment, set, revision);
  const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
  const isUpToDate =
    isSemanticallyEqual(annotations, set.metadata?.annotations) &&
    (set.spec?.minReadySeconds ?? 0) === minReadySeconds;
  const newest = isUpToDate
    ? set
    : rollout.updateSet({
        ...set,
        metadata: { ...set.metadata, annotations },
        spec: { ...set.spec, minReadySeconds } as NonNullable<ReplicaSet['spec']>,
      });
  const hasProgress = findCondition(deployment.status?.conditions, 'Progressing') !== undefined;
  announce(
    rollout,
    annotations[REVISION] ?? String(revision),
    hasDeadline(deployment) && !hasProgress
      ? {
          type: 'Progressing',
          status: 'True',
          reason: 'FoundNewReplicaSet',
          message: `Found new replica set "${metaOf(set).name}"`,
        }
      : undefined,
  );
  return newest;
}

function createSet(
  rollout: Rollout,
  old: readonly ReplicaSet[],
  revision: bigint,
): ReplicaSet | undefined {
  const { deployment } = rollout;
  const wanted = newSet(deployment, old, revision);
  const { name } = metaOf(wanted);
  let created: ReplicaSet;
  try {
    created = rollout.api.create('replicasets', wanted, { fieldManager: FIELD_MANAGER });
  } catch (error) {
    if (isNamespaceTerminating(error)) return undefined;
    if (isAlreadyExists(error)) resolveCollision(rollout, wanted, error);
    const message = `Failed to create new replica set "${name}": ${messageOf(error)}`;
    if (hasDeadline(deployment)) {
      announce(rollout, undefined, {
        type: 'Progressing',
        status: 'False',
        reason: 'ReplicaSetCreateError',
        message,
      });
    }
    rollout.recordEvent(deployment, 'Warning', 'ReplicaSetCreateError', message);
    throw error;
  }
  const replicas = replicasOf(created);
  if (replicas > 0) {
    rollout.recordEvent(
      deployment,
      'Normal',
      'ScalingReplicaSet',
      `Scaled up replica set ${name} from 0 to ${replicas}`,
    );
  }
  announce(
    rollout,
    String(revision),
    hasDeadline(deployment)
      ? {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetCreated',
          message: `Created new replica set "${name}"`,
        }
      : undefined,
  );
  return created;
}

/**
 * The name is taken by someone else's ReplicaSet or by one of another template: the next attempt
 * takes another name. Always throws; the watch has shown this controller every set of its own, so
 * the one in the way is not the one looked for.
 */
function resolveCollision(rollout: Rollout, wanted: ReplicaSet, error: unknown): never {
  const { deployment, api } = rollout;
  const taken = api.get<ReplicaSet>('replicasets', metaOf(wanted));
  const isOurs =
    taken &&
    controllerOf(taken)?.uid === metaOf(deployment).uid &&
    hasTemplate(taken.spec ?? {}, templateOf(deployment));
  if (taken && !isOurs) {
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    rollout.updateStatus({ ...deployment.status, collisionCount });
  }
  throw error;
}

function newSet(deployment: Deployment, old: readonly ReplicaSet[], revision: bigint): ReplicaSet {
  const { namespace, name } = metaOf(deployment);
  const template = templateOf(deployment);
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH_LABEL]: hash };
  const { selector, minReadySeconds } = deployment.spec ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace && { namespace }),
      labels,
      annotations: newestSetAnnotations(deployment, undefined, revision),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: sizeOfNewest(deployment, old, 0),
      ...(minReadySeconds && { minReadySeconds }),
      selector: {
        ...selector,
        matchLabels: { ...selector?.matchLabels, [TEMPLATE_HASH_LABEL]: hash },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** How large the newest ReplicaSet may be now, given what the others still run. */
export function sizeOfNewest(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  current: number,
): number {
  const wanted = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const room = wanted + maxSurge(deployment) - sum(old, replicasOf) - current;
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

function announce(
  rollout: Rollout,
  revision: string | undefined,
  condition: NewCondition | undefined,
): void {
  const { deployment, now } = rollout;
  const conditions = deployment.status?.conditions ?? [];
  rollout.updateStatus(
    condition
      ? { ...deployment.status, conditions: setCondition(conditions, condition, now) }
      : { ...deployment.status },
    {
      ...deployment.metadata?.annotations,
      ...(revision !== undefined && { [REVISION]: revision }),
    },
  );
}
