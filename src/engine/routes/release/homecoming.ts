import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../../errors.ts';
import type { UndoRecord } from '../../session/record.ts';
import { insist } from '../../steps/insist.ts';
import { podGone } from '../../steps/pod-gone.ts';
import type { Stop } from '../../steps/stop.ts';
import { watchUntil } from '../../steps/watch-until.ts';
import type { Returning } from '../route.ts';
import { awaitGone } from './await-gone.ts';
import { isActive, isOwned, targetNode } from './owned-pods.ts';

/**
 * Waits until the owner of the record has adopted the Pod again and has removed the replacement it
 * started meanwhile: the one that was `marked`, where that can be done. Returns its name, if there was one.
 */
export async function awaitAdoption(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  {
    timeoutMs,
    marked,
    onProgress,
  }: Pick<Returning, 'timeoutMs' | 'onProgress'> & { readonly marked?: string | undefined },
): Promise<string | undefined> {
  const { kube, namespace, name, signal } = stop;
  const { owner } = record;
  if (!owner) return undefined;

  const settled = await watchUntil<Pod, Settled>(
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
        staying: owned,
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
  const hasGone = !settled.staying.some(({ metadata }) => metadata?.name === marked);
  return marked !== undefined && hasGone ? marked : leaving[0];
}

interface Settled {
  /** The owner's Pods, this one among them. */
  readonly staying: readonly Pod[];
  readonly leaving: readonly Pod[];
}

/** How many Pods more than wanted the owner has. */
async function countSurplus(
  { kube, namespace, signal }: Stop,
  { owner }: UndoRecord,
  self: Pod,
  owned: readonly Pod[],
): Promise<number> {
  if (owner?.kind === 'DaemonSet') {
    return owned.filter((pod) => targetNode(pod) === self.spec?.nodeName).length - 1;
  }
  if (owner?.kind !== 'ReplicaSet' && owner?.kind !== 'ReplicationController') return 0;
  const resource = owner.kind === 'ReplicaSet' ? 'replicasets' : 'replicationcontrollers';
  const replicaSet = await kube.get<ReplicaSet>(
    { resource, namespace, name: owner.name },
    { signal },
  );
  return owned.length - (replicaSet?.spec?.replicas ?? 0);
}
