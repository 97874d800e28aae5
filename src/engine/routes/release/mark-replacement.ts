import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../../kube/index.ts';
import { deletionCostAnnotation, replacementAnnotation } from '../../annotations.ts';
import { isReady } from '../../plan/is-ready.ts';
import type { UndoRecord } from '../../session/record.ts';
import type { Stop } from '../../steps/stop.ts';
import { isActive, listOwned, newcomers, readMark, recordOf } from './owned-pods.ts';

/** int32's smallest: of all its owner's Pods the first to go. */
const lowestDeletionCost = '-2147483648';

const resources = {
  ReplicaSet: 'replicasets',
  ReplicationController: 'replicationcontrollers',
} as const;

/**
 * Makes the Pod that was started in place of this one the surplus when it comes back. Left to itself
 * a ReplicaSet compares ages only by powers of two (KEP-2185), and a sibling might go instead. A
 * sibling that is not Ready goes first whatever it costs (ActivePodsWithRanks): that cannot be helped, and is said.
 * Returns the replacement's name. Throws `conflict` or `not-found` if that Pod changed meanwhile: of two
 * sessions that come home at once the later one must choose another.
 */
export async function markReplacement(
  stop: Stop,
  record: UndoRecord,
  onWarning: (message: string) => void,
): Promise<string | undefined> {
  const resource = resources[record.owner?.kind as keyof typeof resources];
  if (!record.owner || !resource) return undefined;
  const { kube, namespace, signal } = stop;
  const { name } = record.owner;
  const [replicaSet, owned] = await Promise.all([
    kube.get<ReplicaSet>({ resource, namespace, name }, { signal }),
    listOwned(stop, record),
  ]);
  // Without a replacement (a quota, a scale-up) nobody will have to go.
  if (owned.length < (replicaSet?.spec?.replicas ?? 1)) return undefined;
  const [replacement, ...others] = newcomers(owned, record);
  if (!replacement) return undefined;
  const unready = owned.find(
    (pod) => pod !== replacement && !others.includes(pod) && !isReady(pod.status?.conditions),
  );
  if (unready && isReady(replacement.status?.conditions)) {
    onWarning(
      `pod ${namespace}/${unready.metadata?.name} is not Ready: ${record.owner.kind} ${name} will delete it ` +
        `rather than the replacement ${replacement.metadata?.name}`,
    );
  }
  const annotations = replacement.metadata?.annotations ?? {};
  // It may bear the mark of an attempt before this one.
  if (annotations[replacementAnnotation] === undefined) {
    const cost = annotations[deletionCostAnnotation] ?? null;
    const { name: chosen = '', uid, resourceVersion } = replacement.metadata ?? {};
    await kube.patch(
      { resource: 'pods', namespace, name: chosen },
      {
        metadata: {
          uid,
          resourceVersion,
          annotations: {
            [deletionCostAnnotation]: lowestDeletionCost,
            [replacementAnnotation]: JSON.stringify({ id: record.id, cost }),
          },
        },
      },
      { type: 'merge' },
    );
  }
  return replacement.metadata?.name;
}

/**
 * Gives a Pod that was marked, and stayed all the same, the cost back that it had. Where another
 * session of the same owner is not home yet, its replacement is the one that went: this one is marked
 * for that session then, which may have looked for its own while there was none. Answers whether there
 * are other sessions, which may do the same for this one until its record is gone.
 */
export async function unmarkReplacements(
  stop: Stop,
  { id: sessionId, owner }: Pick<UndoRecord, 'id' | 'owner'>,
): Promise<boolean> {
  const { kube, namespace, signal } = stop;
  const pods = await kube.list<Pod>('pods', { namespace, signal });
  const heir = pods.find((pod) => {
    const record = isActive(pod) ? recordOf(pod) : undefined;
    return (
      record?.route === 'release' && record.id !== sessionId && record.owner?.uid === owner?.uid
    );
  });
  for (const pod of pods) {
    const mark = pod.metadata?.annotations?.[replacementAnnotation];
    if (mark === undefined || !isActive(pod)) continue;
    const { id, cost } = readMark(mark);
    if (id !== sessionId) continue;
    if (heir && (await leaveTo(stop, { pod, cost, heir }))) continue;
    await annotate(stop, pod, { [deletionCostAnnotation]: cost, [replacementAnnotation]: null });
  }
  return heir !== undefined;
}

/** False if that session took its record away meanwhile: it has looked for its marks for the last time. */
async function leaveTo(
  stop: Stop,
  { pod, cost, heir }: { readonly pod: Pod; readonly cost: string | null; readonly heir: Pod },
): Promise<boolean> {
  const id = recordOf(heir)?.id;
  await annotate(stop, pod, { [replacementAnnotation]: JSON.stringify({ id, cost }) });
  const { kube, namespace, signal } = stop;
  const { name = '' } = heir.metadata ?? {};
  const now = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
  return now !== undefined && recordOf(now)?.id === id;
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
    if (!hasChanged(error)) throw error;
  }
}

export function hasChanged(error: unknown): boolean {
  return error instanceof KubeError && ['not-found', 'conflict'].includes(error.code);
}
