import type { ControllerRevision, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import { isPodTerminal, msUntilAvailable } from '../pod-status.ts';
import { templateOf } from '../revision/data.ts';
import { scaledValue } from '../scaled-value.ts';
import { slowStart } from '../slow-start.ts';
import { memberPod, missingIdentity, ordinalOf, revisionOf } from './identity.ts';
import type { MemberControl } from './member-control.ts';

export interface Revisions {
  /** What a finished rollout has left; Pods below the partition are made from it. */
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
}

export interface MembersOptions extends Revisions {
  readonly control: MemberControl;
  readonly now: number;
}

/**
 * One step towards the wanted Pods: those missing are created from the lowest ordinal up, the surplus
 * goes from the highest down, and only then Pods of an old revision are replaced. OrderedReady waits
 * for each Pod before it looks at the next; Parallel does not. Returns what went wrong, if anything.
 */
export function manageMembers(
  set: StatefulSet,
  pods: readonly Pod[],
  options: MembersOptions,
): unknown {
  const { first, count } = wantedOrdinals(set);
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod), pod]));
  const wanted = Array.from({ length: count }, (_, index) => first + index);
  const condemned = pods
    .filter((pod) => !(ordinalOf(pod) >= first && ordinalOf(pod) < first + count))
    .sort((a, b) => ordinalOf(b) - ordinalOf(a));
  const isOrdered = set.spec?.podManagementPolicy !== 'Parallel';
  const { claims } = options.control;
  for (const ordinal of wanted) claims.own(ordinal, undefined);
  for (const pod of condemned) claims.own(ordinalOf(pod), pod);

  const growth = forEach(wanted, isOrdered, (ordinal) =>
    settle(set, { ordinal, pod: byOrdinal.get(ordinal), isOrdered }, options),
  );
  if (growth !== undefined) return growth.error;
  const isUnavailable = availability(set, options.now);
  const lowestUnavailable = condemned.findLast(isUnavailable);
  const decline = forEach(condemned, isOrdered, (pod) => {
    const blocks = isUnavailable(pod) && pod !== lowestUnavailable;
    if (isBeingDeleted(pod) || (isOrdered && blocks)) return false;
    options.control.delete(pod);
    return false;
  });
  if (decline !== undefined) return decline.error;
  if (set.spec?.updateStrategy?.type !== 'RollingUpdate') return undefined;
  // A Pod made just now is not among these, and not available.
  const members = wanted.map((ordinal) => ({ ordinal, pod: byOrdinal.get(ordinal) }));
  return caught(() => rollOut(set, members, options));
}

function wantedOrdinals({ spec }: StatefulSet): {
  readonly first: number;
  readonly count: number;
} {
  return { first: spec?.ordinals?.start ?? 0, count: spec?.replicas ?? 1 };
}

/** Undefined when all was visited and nothing failed; ordered, `visit` may say that it has to wait. */
function forEach<T>(
  items: readonly T[],
  isOrdered: boolean,
  visit: (item: T) => boolean,
): { readonly error: unknown } | undefined {
  if (isOrdered) {
    let isWaiting = false;
    const error = caught(() => {
      isWaiting = !items.every(visit);
    });
    return isWaiting || error !== undefined ? { error } : undefined;
  }
  const rest = items.values();
  const error = slowStart(items.length, () => {
    const next = rest.next();
    if (!next.done) visit(next.value);
  });
  return error === undefined ? undefined : { error };
}

/** Whether the Pod of this ordinal is as it should be, so that the next one may be looked at. */
function settle(
  set: StatefulSet,
  {
    ordinal,
    pod,
    isOrdered,
  }: { readonly ordinal: number; readonly pod: Pod | undefined; readonly isOrdered: boolean },
  { control, current, update, now }: MembersOptions,
): boolean {
  if (!pod) {
    const revision = isMadeFromCurrent(set, ordinal) ? current : update;
    const template = templateOf(revision);
    control.create(memberPod(set, { ordinal, template, revision: metaOf(revision).name }));
    return false;
  }
  // Its name is taken until it is gone.
  if (isPodTerminal(pod)) {
    if (!isBeingDeleted(pod)) control.delete(pod);
    return false;
  }
  if (isOrdered && availability(set, now)(pod)) return false;
  const labels = missingIdentity(pod);
  if (labels) control.relabel(pod, labels);
  return true;
}

function isMadeFromCurrent({ spec, status }: StatefulSet, ordinal: number): boolean {
  if (spec?.updateStrategy?.type !== 'RollingUpdate') return false;
  const { partition = status?.currentReplicas ?? 0 } = spec.updateStrategy.rollingUpdate ?? {};
  return ordinal < (spec.ordinals?.start ?? 0) + partition;
}

/** Replaces Pods of an old revision from the highest ordinal down, waiting for each to be back. */
function rollOut(
  set: StatefulSet,
  members: readonly { readonly ordinal: number; readonly pod: Pod | undefined }[],
  { control, update, now }: MembersOptions,
): void {
  const { first, count } = wantedOrdinals(set);
  const { partition = 0, maxUnavailable = 1 } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const allowed = Math.max(1, scaledValue(maxUnavailable, count, Math.floor));
  const isUnavailable = availability(set, now);
  let unavailable = 0;
  for (const { ordinal, pod } of members.toReversed()) {
    if (ordinal < first + partition) return;
    const isOld = pod && revisionOf(pod) !== metaOf(update).name;
    if (isOld && !isBeingDeleted(pod)) control.delete(pod);
    else if (pod && !isUnavailable(pod)) continue;
    unavailable += 1;
    if (unavailable >= allowed) return;
  }
}

function availability(set: StatefulSet, now: number): (pod: Pod) => boolean {
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  return (pod) =>
    isBeingDeleted(pod) ||
    pod.status?.phase !== 'Running' ||
    msUntilAvailable(pod, { minReadySeconds, now }) !== 0;
}

function caught(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
