import type { Pod } from 'kubernetes-types/core/v1.js';
import { metaOf } from '../object-meta.ts';
import { isPodActive, isPodReady, readyCondition } from '../pod-status.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

export interface VictimOptions {
  readonly count: number;
  /** Active Pods of all ReplicaSets with the same owner: they show how crowded a node is. */
  readonly related: Iterable<Pod>;
  readonly now: number;
}

/** The Pods that a scale-down deletes, in upstream's order (ActivePodsWithRanks). */
export function chooseVictims(
  pods: readonly Pod[],
  { count, related, now }: VictimOptions,
): readonly Pod[] {
  if (count >= pods.length) return pods;
  const podsOnNode = new Map<string, number>();
  for (const pod of related) {
    if (!isPodActive(pod)) continue;
    const node = pod.spec?.nodeName ?? '';
    podsOnNode.set(node, (podsOnNode.get(node) ?? 0) + 1);
  }
  return pods
    .map((pod) => rank(pod, podsOnNode))
    .sort((a, b) => compareVictims(a, b, now))
    .slice(0, count)
    .map(({ pod }) => pod);
}

/** Everything about a Pod that decides whether it dies first. */
interface Rank {
  readonly pod: Pod;
  readonly uid: string;
  readonly isAssigned: boolean;
  readonly phase: number;
  readonly isReady: boolean;
  readonly cost: number;
  readonly neighbours: number;
  readonly readySince: number;
  readonly restarts: readonly [containers: number, sidecars: number];
  readonly createdAt: number;
}

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

function rank(pod: Pod, podsOnNode: ReadonlyMap<string, number>): Rank {
  const { uid, annotations, creationTimestamp } = metaOf(pod);
  const isReady = isPodReady(pod);
  return {
    pod,
    uid,
    isAssigned: Boolean(pod.spec?.nodeName),
    phase: PHASES[pod.status?.phase ?? ''] ?? 0,
    isReady,
    cost: deletionCost(annotations?.[DELETION_COST]),
    neighbours: podsOnNode.get(pod.spec?.nodeName ?? '') ?? 0,
    readySince: instant(isReady ? readyCondition(pod)?.lastTransitionTime : undefined),
    restarts: restarts(pod),
    createdAt: instant(creationTimestamp),
  };
}

/** Negative: `a` is deleted before `b`. */
function compareVictims(a: Rank, b: Rank, now: number): number {
  return (
    Number(a.isAssigned) - Number(b.isAssigned) ||
    a.phase - b.phase ||
    Number(a.isReady) - Number(b.isReady) ||
    a.cost - b.cost ||
    b.neighbours - a.neighbours ||
    (a.isReady && b.isReady ? compareAges(a.readySince, b.readySince, a, b, now) : 0) ||
    b.restarts[0] - a.restarts[0] ||
    b.restarts[1] - a.restarts[1] ||
    compareAges(a.createdAt, b.createdAt, a, b, now)
  );
}

/** KEP-2185: ages count by powers of two, and within one of them the uid decides. The unknown (0) is youngest. */
function compareAges(a: number, b: number, rankA: Rank, rankB: Rank, now: number): number {
  if (a === b) return 0;
  if (a === 0) return -1;
  if (b === 0) return 1;
  return ageBucket(a, now) - ageBucket(b, now) || (rankA.uid < rankB.uid ? -1 : 1);
}

/** Upstream takes the logarithm of nanoseconds: the unit decides where the buckets end. */
function ageBucket(since: number, now: number): number {
  const ageNs = (now - since) * 1e6;
  return ageNs > 0 ? Math.floor(Math.log2(ageNs)) : -1;
}

/** The API refuses costs that are no int32; should one be there all the same, it counts as 0. */
function deletionCost(text: string | undefined): number {
  return text !== undefined && /^(?:0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
}

function restarts({ spec, status }: Pod): readonly [number, number] {
  const sidecars = new Set(
    // `restartPolicy` of init containers is newer than the types.
    ((spec?.initContainers ?? []) as { name: string; restartPolicy?: string }[])
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  );
  const most = (counts: number[]): number => Math.max(0, ...counts);
  return [
    most((status?.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
    most(
      (status?.initContainerStatuses ?? [])
        .filter(({ name }) => sidecars.has(name))
        .map(({ restartCount }) => restartCount),
    ),
  ];
}

function instant(time: string | undefined): number {
  return time === undefined ? 0 : Date.parse(time);
}
