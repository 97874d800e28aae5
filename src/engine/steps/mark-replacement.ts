import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../kube/index.ts';
import { deletionCostAnnotation } from '../annotations.ts';
import type { UndoRecord } from '../session/record.ts';
import { isActive, isOwned } from './homecoming.ts';
import type { Stop } from './stop.ts';

/** int32's smallest: of all its owner's Pods the first to go. */
const lowestDeletionCost = '-2147483648';

/**
 * Makes the Pod that was started in place of this one the surplus when it comes back. Left to itself
 * a ReplicaSet compares ages only by powers of two (KEP-2185), and a sibling might go instead.
 */
export async function markReplacement(stop: Stop, { owner }: UndoRecord): Promise<void> {
  if (owner?.kind !== 'ReplicaSet') return;
  const { kube, namespace, name: self, signal } = stop;
  const [replicaSet, pods] = await Promise.all([
    kube.get<ReplicaSet>({ resource: 'replicasets', namespace, name: owner.name }, { signal }),
    kube.list<Pod>('pods', { namespace, signal }),
  ]);
  const owned = pods.filter(
    (pod) => isOwned(pod, owner.uid) && isActive(pod) && pod.metadata?.name !== self,
  );
  // Without a replacement (a quota, a scale-up) nobody will have to go.
  if (owned.length < (replicaSet?.spec?.replicas ?? 1)) return;
  const [newest] = owned.toSorted((a, b) => createdAt(b).localeCompare(createdAt(a)));
  if (!newest) return;
  const { name = '', uid } = newest.metadata ?? {};
  try {
    await kube.patch(
      { resource: 'pods', namespace, name },
      { metadata: { uid, annotations: { [deletionCostAnnotation]: lowestDeletionCost } } },
      { type: 'merge' },
    );
  } catch (error) {
    // Gone meanwhile, or another by now: then it is not the one that would have had to go.
    if (!(error instanceof KubeError && ['not-found', 'conflict'].includes(error.code)))
      throw error;
  }
}

function createdAt({ metadata }: Pod): string {
  return metadata?.creationTimestamp ?? '';
}
