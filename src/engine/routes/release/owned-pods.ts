import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../../kube/index.ts';
import { recordAnnotation, replacementAnnotation } from '../../annotations.ts';
import type { Plan } from '../../plan/plan.ts';
import { readRecord, type UndoRecord } from '../../session/record.ts';
import type { Stop } from '../../steps/stop.ts';

/** A thousand uids in full would crowd the annotations of the Pod (256 KiB in all). */
const uidLength = 8;

/**
 * The owner's Pods before the isolating write, as the undo record keeps them: starts of their uids.
 * Those that other sessions hold are among them, for they may be home before this one is; their
 * replacements are not, for one is as good as another, and whoever comes home later has what is left.
 */
export async function readSiblings(
  kube: Kube,
  { pod, plan }: { readonly pod: Pod; readonly plan: Plan },
  signal?: AbortSignal,
): Promise<readonly string[] | undefined> {
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller);
  if (plan.status.route.name !== 'release' || !owner) return undefined;
  const { namespace, uid } = pod.metadata ?? {};
  const pods = (await kube.list<Pod>('pods', { namespace, signal })).filter(
    (each) => each.metadata?.uid !== uid,
  );
  return siblingsOf(pods, owner.uid).map(shortUid);
}

/** Of the other Pods of a namespace those that an owner had before it replaced any. */
export function siblingsOf(pods: readonly Pod[], ownerUid: string): readonly Pod[] {
  const owned = pods.filter((each) => isOwned(each, ownerUid));
  const held = pods.flatMap((each) => {
    const record = recordOf(each);
    return record?.owner?.uid === ownerUid ? [{ each, record }] : [];
  });
  const replacements = new Set<Pod>();
  for (const { record } of held.toSorted((a, b) =>
    a.record.startedAt.localeCompare(b.record.startedAt),
  )) {
    const free = owned.filter((each) => isActive(each) && !replacements.has(each));
    const [replacement] = newcomers(free, record);
    if (replacement) replacements.add(replacement);
  }
  const all = new Set([...owned, ...held.map(({ each }) => each)]);
  return [...all].filter((each) => !replacements.has(each));
}

/** The owner's Pods that are neither over nor on their way out, without the one that is held. */
export async function listOwned(
  { kube, namespace, name, signal }: Stop,
  { owner }: UndoRecord,
): Promise<readonly Pod[]> {
  if (!owner) return [];
  const pods = await kube.list<Pod>('pods', { namespace, signal });
  return pods.filter(
    (pod) => isOwned(pod, owner.uid) && isActive(pod) && pod.metadata?.name !== name,
  );
}

/**
 * Pods of the owner that were not there before the isolating write, oldest first: the first is the
 * replacement (later ones came by a scale-up, or as replacements of other sessions' Pods).
 */
export function newcomers(owned: readonly Pod[], { id, siblings, startedAt }: UndoRecord): Pod[] {
  const free = owned.filter(({ metadata }) => {
    const mark = metadata?.annotations?.[replacementAnnotation];
    return !hasAnnotation(metadata, recordAnnotation) && (!mark || readMark(mark).id === id);
  });
  if (siblings) {
    const known = new Set(siblings);
    const born = free.filter((pod) => !known.has(shortUid(pod))).toSorted(byAge);
    // What an attempt before this one has marked is the one, also among those of the same second.
    const isMarked = ({ metadata }: Pod) => hasAnnotation(metadata, replacementAnnotation);
    return [...born.filter(isMarked), ...born.filter((pod) => !isMarked(pod))];
  }
  // A record without siblings was written by an older pitstop. Creation times are whole seconds.
  return free
    .filter((pod) => createdAt(pod) >= `${startedAt.slice(0, 19)}Z`)
    .toSorted(byAge)
    .toReversed();
}

/** What `pitstop.dev/replacement` says: whose replacement it is, and the cost it had before. */
export function readMark(mark: string): { readonly id?: string; readonly cost: string | null } {
  try {
    return JSON.parse(mark) as { id: string; cost: string | null };
  } catch {
    // Not written by us, so not ours to take away.
    return { cost: null };
  }
}

export function isOwned({ metadata }: Pod, uid: string): boolean {
  return metadata?.ownerReferences?.some((owner) => owner.controller && owner.uid === uid) ?? false;
}

export function isActive({ metadata, status }: Pod): boolean {
  return (
    metadata?.deletionTimestamp === undefined &&
    status?.phase !== 'Succeeded' &&
    status?.phase !== 'Failed'
  );
}

/** Where a Pod runs, or where a DaemonSet wants it while it waits to be scheduled. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec?.nodeName) return spec.nodeName;
  const terms =
    spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const [field] = terms?.[0]?.matchFields ?? [];
  return field?.key === 'metadata.name' ? field.values?.[0] : undefined;
}

/** The record of a Pod; one that nobody can read tells of no owner. */
export function recordOf(pod: Pod): UndoRecord | undefined {
  try {
    return readRecord(pod);
  } catch {
    return undefined;
  }
}

function hasAnnotation(metadata: Pod['metadata'], key: string): boolean {
  return metadata?.annotations?.[key] !== undefined;
}

function shortUid({ metadata }: Pod): string {
  return (metadata?.uid ?? '').slice(0, uidLength);
}

function byAge(a: Pod, b: Pod): number {
  return `${createdAt(a)} ${a.metadata?.name}`.localeCompare(`${createdAt(b)} ${b.metadata?.name}`);
}

function createdAt({ metadata }: Pod): string {
  return metadata?.creationTimestamp ?? '';
}
