import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../../kube/index.ts';
import { PitstopError } from '../../errors.ts';
import { isReady } from '../../plan/is-ready.ts';
import { readRecord, type UndoRecord } from '../../session/record.ts';
import { insist, isPassing } from '../../steps/insist.ts';
import type { Stop } from '../../steps/stop.ts';
import { watchUntil } from '../../steps/watch-until.ts';
import type { Home, Returning } from '../route.ts';
import { refuseOther } from '../write-home.ts';
import { awaitGone } from './await-gone.ts';
import { unmarkReplacements } from './mark-replacement.ts';
import { isActive, isOwned, newcomers, targetNode } from './owned-pods.ts';

/**
 * Instead of a way home: the Pod that was worked on is deleted with its grace, the replacement stays.
 * Only when that one is Ready (a StatefulSet starts its own afterwards: the name is taken until then).
 */
export async function keepReplacement(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  returning: Returning,
): Promise<Home> {
  const startsLater = record.owner?.kind === 'StatefulSet';
  const ready = startsLater ? undefined : await awaitReplacement(stop, pod, record, returning);
  await dismiss(stop, pod, record, returning);
  const replacement = ready ?? (await awaitReplacement(stop, pod, record, returning));
  return { pod: replacement, dismissed: true };
}

/** Deletes the Pod that is out, and nothing else: by its uid, and only while the session holds it. */
export async function dismiss(
  stop: Stop,
  before: Pod,
  record: UndoRecord,
  { timeoutMs, onProgress, onDismissed }: Returning,
): Promise<void> {
  const { kube, namespace, name, signal } = stop;
  const reference = { resource: 'pods', namespace, name } as const;
  const { uid } = before.metadata ?? {};
  await insist(
    { signal, timeoutMs },
    async () => {
      const pod = await kube.get<Pod>(reference, { signal });
      if (!pod || pod.metadata?.uid !== uid || pod.metadata?.deletionTimestamp) return;
      refuseOther(stop, pod, record);
      if (readRecord(pod)?.phase !== 'out') {
        throw new PitstopError(
          'drift',
          `pod ${namespace}/${name}: somebody else is bringing it home; it is not deleted`,
          { hint: `kubectl pitstop status ${name} -n ${namespace}` },
        );
      }
      const { resourceVersion } = pod.metadata ?? {};
      await kube.delete(reference, { uid, resourceVersion, signal });
    },
    // A conflict: the Pod changed since it was read, and is to be read again.
    (error) => isPassing(error) || (error instanceof KubeError && error.code === 'conflict'),
  );
  onDismissed();
  onProgress(`waiting for pod ${name} to end`);
  await awaitGone(stop, [before]);
  await insist({ signal, timeoutMs }, () => unmarkReplacements(stop, record));
}

/** The Pod that was started in place of this one, once it is Ready. */
async function awaitReplacement(
  stop: Stop,
  self: Pod,
  record: UndoRecord,
  { timeoutMs, onProgress }: Returning,
): Promise<Pod> {
  const { kube, namespace, name, signal } = stop;
  const { owner } = record;
  onProgress('waiting for the replacement to be Ready');
  return await watchUntil<Pod, Pod>(
    kube,
    'pods',
    {
      namespace,
      signal,
      timeoutMs,
      onTimeout: () =>
        new PitstopError(
          'restore-failed',
          `pod ${namespace}/${name}: no replacement of ${owner?.kind} ${owner?.name} was Ready within ` +
            `${Math.round(timeoutMs / 1000)} s`,
          { hint: `kubectl get pods -n ${namespace}; kubectl get events -n ${namespace}` },
        ),
    },
    (pods) => {
      const owned = pods.filter(
        (pod) =>
          pod.metadata?.uid !== self.metadata?.uid &&
          isOwned(pod, owner?.uid ?? '') &&
          isActive(pod),
      );
      return newcomers(owned, record).find(
        (pod) => isReady(pod.status?.conditions) && standsIn(pod, self, owner?.kind),
      );
    },
  );
}

/** Of a StatefulSet it bears the same name, of a DaemonSet it runs on the same node. */
function standsIn(pod: Pod, self: Pod, kind: string | undefined): boolean {
  if (kind === 'StatefulSet') return pod.metadata?.name === self.metadata?.name;
  if (kind === 'DaemonSet') return targetNode(pod) === targetNode(self);
  return true;
}
