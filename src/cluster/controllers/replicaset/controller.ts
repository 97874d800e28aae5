import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { controllerOf, isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { podOwnership } from '../pod-ownership.ts';
import { isPodActive, isPodTerminal, msUntilNextAvailable } from '../pod-status.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { manageReplicas } from './replicas.ts';
import { replicaSetStatus } from './status.ts';

/** Keeps each ReplicaSet at its number of Pods: adopts, releases, creates, deletes. */
export function replicaSetController(context: ControllerContext): Controller {
  const { api, informers, clock } = context;
  const sets = informers.of('replicasets');
  const pods = informers.of('pods');
  const podLabels = pods.labels();
  const podsByController = pods.byController();
  const setsByController = sets.byController();
  const ownership = podOwnership(context, sets, { kind: 'ReplicaSet', isCandidate: isPodActive });
  const recordEvent = eventRecorder(api, clock, 'replicaset-controller');

  return {
    name: 'replicaset',
    watch(queue) {
      sets.onChange(({ object }) => queue.add(queueKey(object)));
      ownership.watch(queue);
    },
    reconcile(key) {
      const set = sets.get(parseQueueKey(key));
      if (!set) return undefined;
      const now = clock.now();
      const active = ownership.claim(set);
      const error = isBeingDeleted(set)
        ? undefined
        : manageReplicas(set, active, {
            api,
            recordEvent,
            related: () => relatedPods(set),
            now,
          });
      // Counted anew: what was just created or deleted is in the picture already.
      const remaining = ownership.held(set);
      const terminating = [...podsByController.get(metaOf(set).uid)].filter(
        (pod) => isBeingDeleted(pod) && !isPodTerminal(pod),
      ).length;
      updateStatus(set, { pods: remaining, terminating, error, now });
      if (error !== undefined) throw error;
      const minReadySeconds = set.spec?.minReadySeconds ?? 0;
      const requeueAfterMs = msUntilNextAvailable(remaining, { minReadySeconds, now });
      return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
    },
  };

  /** Pods of all ReplicaSets of the same Deployment: where they run decides who dies first. */
  function relatedPods(set: ReplicaSet): Iterable<Pod> {
    const owner = controllerOf(set);
    const family = owner ? [...setsByController.get(owner.uid)] : [set];
    const seen = new Map<string, Pod>();
    for (const { metadata, spec } of family) {
      for (const pod of podLabels.select(metadata?.namespace ?? '', spec?.selector)) {
        seen.set(metaOf(pod).uid, pod);
      }
    }
    return seen.values();
  }

  function updateStatus(set: ReplicaSet, input: Parameters<typeof replicaSetStatus>[1]): void {
    const status = replicaSetStatus(set, input);
    if (isSemanticallyEqual(status, set.status ?? {})) return;
    // Deleting the last Pod may have ended the ReplicaSet too (foreground deletion).
    if (!sets.get(metaOf(set))) return;
    api.update(
      'replicasets',
      { ...set, status },
      { subresource: 'status', fieldManager: FIELD_MANAGER },
    );
  }
}
