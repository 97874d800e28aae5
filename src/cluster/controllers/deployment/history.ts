import { isNotFound } from '../api-errors.ts';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import { replicasOf } from './fenceposts.ts';
import type { Rollout } from './rollout.ts';
import { byRevision } from './set-order.ts';
import type { Sets } from './status.ts';

/** Deletes the oldest empty ReplicaSets beyond `revisionHistoryLimit`. */
export function forgetOldRevisions({ api, deployment }: Rollout, { old }: Sets): void {
  const limit = deployment.spec?.revisionHistoryLimit;
  if (limit === undefined) return;
  const living = old.filter((set) => !isBeingDeleted(set)).sort(byRevision);
  for (const set of living.slice(0, Math.max(0, living.length - limit))) {
    const { generation = 0 } = metaOf(set);
    const isSettled = generation <= (set.status?.observedGeneration ?? 0);
    if (replicasOf(set) !== 0 || set.status?.replicas !== 0 || !isSettled) continue;
    const { namespace, name, uid } = metaOf(set);
    try {
      api.delete('replicasets', { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
