import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { recordAnnotation } from '../annotations.ts';
import { watchUntil } from '../steps/watch-until.ts';
import type { UndoRecord } from './record.ts';
import { leaseSeconds } from './session-lease.ts';

/** Whatever a record claims: nobody waits longer than this to find out whether its session lives. */
const longestLeaseSeconds = 300;

/** How long a record may stay as it is before its session counts as dead; at least our own lease. */
export function leaseOf({ leaseSeconds: claimed }: Pick<UndoRecord, 'leaseSeconds'>): number {
  return Math.min(Math.max(claimed, leaseSeconds), longestLeaseSeconds);
}

/** Its deadline, which only a session without a process has, is over at `nowMs` (`serverNowMs`). */
export function isOverdue({ deadline }: Pick<UndoRecord, 'deadline'>, nowMs: number): boolean {
  return deadline !== undefined && Date.parse(deadline) <= nowMs;
}

export interface Held {
  readonly pod: Pod;
  readonly record: UndoRecord;
}

/**
 * Those whose session is dead. A lease is judged by the observer's own clock, as client-go's leader
 * election does: a record that has not changed while we watched it for a whole lease has nobody behind
 * it, whatever times it names. Ends early once all of them have been renewed.
 */
export async function findDead(
  kube: Kube,
  running: readonly Held[],
  options: {
    readonly signal: AbortSignal;
    /** Absent = all. */
    readonly namespace?: string | undefined;
    /** Reads the Pods that carry a record, as they are now. */
    readonly list: () => Promise<readonly Held[]>;
  },
): Promise<readonly Held[]> {
  if (running.length === 0) return [];
  const before = new Map(running.map(({ pod }) => [uidOf(pod), recordText(pod)]));
  const isUnchanged = (pod: Pod) =>
    before.has(uidOf(pod)) && before.get(uidOf(pod)) === recordText(pod);
  const { signal, namespace, list } = options;
  const isOver = new Error('nobody renewed it');
  try {
    await watchUntil<Pod, true>(
      kube,
      'pods',
      {
        namespace,
        signal,
        timeoutMs: Math.max(...running.map(({ record }) => leaseOf(record))) * 1000,
        onTimeout: () => isOver,
      },
      (pods) => (pods.some(isUnchanged) ? undefined : true),
    );
    return [];
  } catch (error) {
    if (error !== isOver) throw error;
  }
  // A watch that was cut says nothing; what reads the same after all that time was not renewed.
  return (await list()).filter(({ pod }) => isUnchanged(pod));
}

function recordText({ metadata }: Pod): string | undefined {
  return metadata?.annotations?.[recordAnnotation];
}

function uidOf({ metadata }: Pod): string {
  return metadata?.uid ?? '';
}
