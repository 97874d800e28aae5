import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { podOwnership } from '../pod-ownership.ts';
import { msUntilNextAvailable } from '../pod-status.ts';
import { revisionHistory } from '../revision/history.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { isMember, revisionOf } from './identity.ts';
import { MemberControl } from './member-control.ts';
import { manageMembers } from './replicas.ts';
import { type StatusInput, statefulSetStatus } from './status.ts';

/** Keeps the Pods of each StatefulSet: one for each ordinal, under its stable name. */
export function statefulSetController(context: ControllerContext): Controller {
  const { api, informers, clock } = context;
  const sets = informers.of('statefulsets');
  const pods = podOwnership(context, sets, { kind: 'StatefulSet', isMember });
  const history = revisionHistory(context, {
    kind: 'StatefulSet',
    hashLabel: 'controller.kubernetes.io/hash',
  });
  const recordEvent = eventRecorder(api, clock, 'statefulset-controller');

  return {
    name: 'statefulset',
    watch(queue) {
      sets.onChange(({ object }) => queue.add(queueKey(object)));
      pods.watch(queue);
      history.watch(queue);
    },
    reconcile(key) {
      const set = sets.get(parseQueueKey(key));
      if (!set) return undefined;
      const members = pods.claim(set);
      const { update, old, collisionCount } = history.sync(set);
      const { currentRevision } = set.status ?? {};
      const current = old.find(({ metadata }) => metadata?.name === currentRevision) ?? update;
      const now = clock.now();
      const control = new MemberControl(set, { api, recordEvent });
      const error = isBeingDeleted(set)
        ? undefined
        : manageMembers(set, members, { control, current, update, now });
      // Counted anew: what was just created or deleted is in the picture already.
      const left = pods.held(set);
      updateStatus(set, { pods: left, current, update, collisionCount, now });
      const live = new Set([metaOf(current).name, ...left.map(revisionOf)]);
      history.forget(
        old.filter(({ metadata }) => !live.has(metadata?.name ?? '')),
        { limit: set.spec?.revisionHistoryLimit ?? 10, isLive: () => false },
      );
      if (error !== undefined) throw error;
      const minReadySeconds = set.spec?.minReadySeconds ?? 0;
      const requeueAfterMs = msUntilNextAvailable(left, { minReadySeconds, now });
      return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
    },
  };

  function updateStatus(set: StatefulSet, input: StatusInput): void {
    const status = statefulSetStatus(set, input);
    if (isSemanticallyEqual(status, set.status ?? {})) return;
    // Deleting the last Pod may have ended the StatefulSet too (foreground deletion).
    if (!sets.get(metaOf(set))) return;
    api.update(
      'statefulsets',
      { ...set, status },
      { subresource: 'status', fieldManager: FIELD_MANAGER },
    );
  }
}
