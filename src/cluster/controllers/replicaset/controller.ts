import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../api.ts';
import { labelSelectorMatcher } from '../../store/index.ts';
import { claim } from '../controller-claims.ts';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { SelectorIndex } from '../label-index.ts';
import { controllerOf, isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { isPodActive, isPodTerminal, msUntilNextAvailable } from '../pod-status.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { manageReplicas } from './replicas.ts';
import { replicaSetStatus } from './status.ts';

/** Keeps each ReplicaSet at its number of Pods: adopts, releases, creates, deletes. */
export function replicaSetController({ api, informers, clock }: ControllerContext): Controller {
  const sets = informers.of('replicasets');
  const pods = informers.of('pods');
  const podLabels = pods.labels();
  const podsByController = pods.index((pod) => [controllerOf(pod)?.uid ?? '']);
  const setsByController = sets.index((set) => [controllerOf(set)?.uid ?? '']);
  const selectingSets = new SelectorIndex(sets, ({ spec }) => spec?.selector);
  const recordEvent = eventRecorder(api, clock, 'replicaset-controller');

  return {
    name: 'replicaset',
    watch(queue) {
      sets.onChange(({ object }) => queue.add(queueKey(object)));
      pods.onChange(({ object, previous }) => {
        for (const state of [object, previous]) {
          const owner = state && ownerOf(state);
          if (owner) queue.add(queueKey(owner));
        }
        // An orphan may be wanted by someone.
        if (controllerOf(object) || isBeingDeleted(object)) return;
        const { namespace = '', labels } = metaOf(object);
        for (const set of selectingSets.selecting(namespace, labels)) queue.add(queueKey(set));
      });
    },
    reconcile(key) {
      const set = sets.get(parseQueueKey(key));
      if (!set) return undefined;
      const now = clock.now();
      const matches = labelSelectorMatcher(set.spec?.selector);
      const active = claim(candidatesOf(set).filter(isPodActive), {
        api,
        owner: set,
        resource: 'pods',
        matches: ({ metadata }) => matches(metadata?.labels),
      });
      const error = isBeingDeleted(set)
        ? undefined
        : manageReplicas(set, active, {
            api,
            recordEvent,
            related: () => relatedPods(set),
            now,
          });
      // Counted anew: what was just created or deleted is in the picture already.
      const owned = [...podsByController.get(metaOf(set).uid)];
      const remaining = owned.filter((pod) => isPodActive(pod) && matches(pod.metadata?.labels));
      const terminating = owned.filter((pod) => isBeingDeleted(pod) && !isPodTerminal(pod)).length;
      updateStatus(set, { pods: remaining, terminating, error, now });
      if (error !== undefined) throw error;
      const minReadySeconds = set.spec?.minReadySeconds ?? 0;
      const requeueAfterMs = msUntilNextAvailable(remaining, { minReadySeconds, now });
      return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
    },
  };

  function ownerOf(object: KubeObject): ReplicaSet | undefined {
    const owner = controllerOf(object);
    if (owner?.kind !== 'ReplicaSet') return undefined;
    const set = sets.get({ namespace: object.metadata?.namespace, name: owner.name });
    return set?.metadata?.uid === owner.uid ? set : undefined;
  }

  /** Upstream walks every Pod of the namespace; only these can make a difference. */
  function candidatesOf(set: ReplicaSet): Pod[] {
    const { namespace = '', uid } = metaOf(set);
    const orphans = podLabels
      .select(namespace, set.spec?.selector)
      .filter((pod) => !controllerOf(pod));
    return [...podsByController.get(uid), ...orphans];
  }

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
