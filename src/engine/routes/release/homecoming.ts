import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../../errors.ts';
import type { UndoRecord } from '../../session/record.ts';
import { insist } from '../../steps/insist.ts';
import { podGone } from '../../steps/pod-gone.ts';
import type { Stop } from '../../steps/stop.ts';
import { watchUntil } from '../../steps/watch-until.ts';

/** After its grace period a replacement that is still there has a reason of its own to stay. */
const removalSlackMs = 15_000;

/**
 * Waits until the owner of the record has adopted the Pod again and has removed the replacement it
 * started meanwhile. Returns the replacement's name, if there was one.
 */
export async function awaitAdoption(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  {
    timeoutMs,
    onProgress,
  }: { readonly timeoutMs: number; readonly onProgress: (message: string) => void },
): Promise<string | undefined> {
  const { kube, namespace, name, signal } = stop;
  const { owner } = record;
  if (!owner) return undefined;

  const settled = await watchUntil<Pod, { readonly leaving: readonly Pod[] }>(
    kube,
    'pods',
    {
      namespace,
      signal,
      timeoutMs,
      onTimeout: () =>
        new PitstopError(
          'restore-failed',
          `pod ${namespace}/${name}: ${owner.kind} ${owner.name} did not take it back, or did not remove its replacement, ` +
            `within ${Math.round(timeoutMs / 1000)} s`,
          { hint: `kubectl pitstop restore ${name} -n ${namespace}` },
        ),
    },
    async (pods) => {
      const self = pods.find(({ metadata }) => metadata?.uid === pod.metadata?.uid);
      if (!self || self.metadata?.deletionTimestamp) {
        throw podGone(
          stop,
          `was deleted on its way back (${owner.kind} ${owner.name} has no room for it?)`,
        );
      }
      if (!isOwned(self, owner.uid)) return undefined;
      const owned = pods.filter((each) => isOwned(each, owner.uid) && isActive(each));
      const surplus = await insist({ signal, timeoutMs }, () =>
        countSurplus(stop, record, self, owned),
      );
      if (surplus > 0) return undefined;
      return {
        leaving: pods.filter(
          (each) => isOwned(each, owner.uid) && each.metadata?.deletionTimestamp !== undefined,
        ),
      };
    },
  );

  const leaving = settled.leaving.map(({ metadata }) => metadata?.name ?? '');
  if (leaving.length > 0) {
    onProgress(`waiting for the replacement ${leaving.join(', ')} to end`);
    await awaitGone(stop, settled.leaving);
  }
  return leaving[0];
}

/** How many Pods more than wanted the owner has. */
async function countSurplus(
  { kube, namespace, signal }: Stop,
  { owner }: UndoRecord,
  self: Pod,
  owned: readonly Pod[],
): Promise<number> {
  if (owner?.kind === 'ReplicaSet') {
    const replicaSet = await kube.get<ReplicaSet>(
      { resource: 'replicasets', namespace, name: owner.name },
      { signal },
    );
    return owned.length - (replicaSet?.spec?.replicas ?? 0);
  }
  if (owner?.kind === 'DaemonSet') {
    return owned.filter(({ spec }) => spec?.nodeName === self.spec?.nodeName).length - 1;
  }
  return 0;
}

/** Bounded by the Pods' own grace; one that stays longer does not hold the session up. */
async function awaitGone(
  { kube, namespace, signal }: Stop,
  leaving: readonly Pod[],
): Promise<void> {
  const uids = new Set(leaving.map(({ metadata }) => metadata?.uid));
  const graceMs =
    Math.max(...leaving.map(({ metadata }) => metadata?.deletionGracePeriodSeconds ?? 30)) * 1000;
  const late = new Error('the replacement is still terminating');
  try {
    await watchUntil<Pod, true>(
      kube,
      'pods',
      { namespace, signal, timeoutMs: graceMs + removalSlackMs, onTimeout: () => late },
      (pods) => (pods.some(({ metadata }) => uids.has(metadata?.uid)) ? undefined : true),
    );
  } catch (error) {
    if (error !== late) throw error;
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
