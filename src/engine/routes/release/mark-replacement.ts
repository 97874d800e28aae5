import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../../kube/index.ts';
import { deletionCostAnnotation, replacementAnnotation } from '../../annotations.ts';
import type { UndoRecord } from '../../session/record.ts';
import { isActive, isOwned } from './homecoming.ts';
import type { Stop } from '../../steps/stop.ts';

/** int32's smallest: of all its owner's Pods the first to go. */
const lowestDeletionCost = '-2147483648';

/**
 * Makes the Pod that was started in place of this one the surplus when it comes back. Left to itself
 * a ReplicaSet compares ages only by powers of two (KEP-2185), and a sibling might go instead.
 */
export async function markReplacement(
  stop: Stop,
  { owner, id, startedAt }: UndoRecord,
): Promise<void> {
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
  // Creation times are whole seconds; one before the session's cannot be of its replacement.
  if (!newest || createdAt(newest) < `${startedAt.slice(0, 19)}Z`) return;
  const cost = newest.metadata?.annotations?.[deletionCostAnnotation] ?? null;
  await annotate(stop, newest, {
    [deletionCostAnnotation]: lowestDeletionCost,
    [replacementAnnotation]: JSON.stringify({ id, cost }),
  });
}

/** Gives a Pod that was marked, and stayed all the same, the cost back that it had. */
export async function unmarkReplacements(stop: Stop, sessionId: string): Promise<void> {
  const { kube, namespace, signal } = stop;
  for (const pod of await kube.list<Pod>('pods', { namespace, signal })) {
    const mark = pod.metadata?.annotations?.[replacementAnnotation];
    if (mark === undefined || !isActive(pod)) continue;
    const { id, cost } = readMark(mark);
    if (id !== sessionId) continue;
    await annotate(stop, pod, { [deletionCostAnnotation]: cost, [replacementAnnotation]: null });
  }
}

function readMark(mark: string): { readonly id?: string; readonly cost: string | null } {
  try {
    return JSON.parse(mark) as { id: string; cost: string | null };
  } catch {
    // Not written by us, so not ours to take away.
    return { cost: null };
  }
}

async function annotate(
  { kube, namespace }: Stop,
  { metadata }: Pod,
  annotations: Readonly<Record<string, string | null>>,
): Promise<void> {
  const { name = '', uid } = metadata ?? {};
  try {
    await kube.patch(
      { resource: 'pods', namespace, name },
      { metadata: { uid, annotations } },
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
