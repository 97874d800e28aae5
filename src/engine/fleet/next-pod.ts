import type { Pod } from 'kubernetes-types/core/v1.js';
import { recordAnnotation } from '../annotations.ts';
import { isReady } from '../plan/is-ready.ts';
import type { RouteName } from '../plan/plan.ts';

/** What a fleet run decides from: the target's Pods as they read now, and what it has done so far. */
export interface FleetState {
  /** Also those that a session holds out, whatever labels they have lost. */
  readonly pods: readonly Pod[];
  /** Pods (uids) that had their turn, or were given up. */
  readonly over: ReadonlySet<string>;
  /** Pods (uids) under work by this run, and the route as soon as it is known. */
  readonly running: ReadonlyMap<string, RouteName | undefined>;
  readonly maxOut: number;
  /** Nothing more is begun: a failure, an interruption. */
  readonly isStopping: boolean;
  /** Pods that are not Ready had their time. */
  readonly isTired: boolean;
}

export type NextPod =
  | { readonly kind: 'start'; readonly pod: Pod }
  | {
      readonly kind: 'wait';
      readonly why: string;
      /** For sessions that are not of this run: however long that takes. */
      readonly isForOthers: boolean;
    }
  | { readonly kind: 'done' };

/**
 * Which Pod is next. Never more than `maxOut` out at once, sessions of others counted; beside a Pod
 * on route `release` none at all: its replacement would be taken for one of the Pods, and two that
 * come home at once would race for the surplus.
 */
export function nextPod({ pods, over, running, maxOut, isStopping, isTired }: FleetState): NextPod {
  if (isStopping) {
    return running.size > 0 ? wait('the Pods that are out come back first') : { kind: 'done' };
  }
  if ([...running.values()].some((route) => route === 'release' || route === undefined)) {
    return wait('the session under way');
  }
  const left = pods
    .filter((pod) => !over.has(uidOf(pod)) && !running.has(uidOf(pod)))
    .filter((pod) => !pod.metadata?.deletionTimestamp && !hasEnded(pod))
    .toSorted(oldestFirst);
  if (left.length === 0) return running.size > 0 ? wait('the last sessions') : { kind: 'done' };
  const others = pods.filter((pod) => isHeld(pod) && !running.has(uidOf(pod)));
  if (running.size + others.length >= maxOut) {
    const [held] = others;
    if (!held) return wait(`--max-out=${maxOut}`);
    const why = `pod ${held.metadata?.name} is held by another session (--max-out=${maxOut})`;
    return { kind: 'wait', why, isForOthers: true };
  }
  const free = left.filter((pod) => !isHeld(pod));
  const [ready] = free.filter(({ status }) => isReady(status?.conditions));
  const next = ready ?? (isTired ? free[0] : undefined);
  if (next) return { kind: 'start', pod: next };
  const [first] = free;
  if (first) return wait(`pod ${first.metadata?.name} is not Ready`);
  const why = `pod ${left[0]?.metadata?.name} is held by another session`;
  return { kind: 'wait', why, isForOthers: true };
}

export function uidOf({ metadata }: Pod): string {
  return metadata?.uid ?? '';
}

function isHeld({ metadata }: Pod): boolean {
  return metadata?.annotations?.[recordAnnotation] !== undefined;
}

/** As a Job's Pods do, and those that were evicted: nothing runs in them any more. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Oldest first, as for a single stop: in a rollout the old Pods go by themselves. */
export function oldestFirst(a: Pod, b: Pod): number {
  return ageKey(a).localeCompare(ageKey(b));
}

function ageKey({ metadata }: Pod): string {
  return `${metadata?.creationTimestamp} ${metadata?.name}`;
}

function wait(why: string): NextPod {
  return { kind: 'wait', why, isForOthers: false };
}
