import type { DaemonSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { createPod, deletePod } from '../pod-control.ts';
import { podOwnership } from '../pod-ownership.ts';
import { msUntilNextAvailable } from '../pod-status.ts';
import { REVISION_LABEL, revisionHistory } from '../revision/history.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { slowStart } from '../slow-start.ts';
import type { Changes, Picture } from './changes.ts';
import { FailureBackoff } from './failure-backoff.ts';
import { manage } from './manage.ts';
import { nodeOf, placementOn, podsByNode } from './placement.ts';
import { rollOut } from './rolling-update.ts';
import { daemonSetStatus } from './status.ts';
import { daemonTemplate } from './template.ts';

/** Keeps one Pod of each DaemonSet on every node that it selects and that lets it. */
export function daemonSetController(context: ControllerContext): Controller {
  const { api, informers, clock } = context;
  const sets = informers.of('daemonsets');
  const nodes = informers.of('nodes');
  const pods = podOwnership(context, sets, { kind: 'DaemonSet' });
  const history = revisionHistory(context, { kind: 'DaemonSet', hashLabel: REVISION_LABEL });
  const recordEvent = eventRecorder(api, clock, 'daemonset-controller');
  const failures = new FailureBackoff();

  return {
    name: 'daemonset',
    watch(queue) {
      sets.onChange(({ object }) => queue.add(queueKey(object)));
      pods.watch(queue);
      history.watch(queue);
      nodes.onChange(({ type, object, previous }) => {
        for (const set of sets.all()) {
          // Heartbeats do not make a node any better.
          const isNews =
            type !== 'MODIFIED' ||
            !previous ||
            placementOn(set, object) !== placementOn(set, previous);
          if (isNews) queue.add(queueKey(set));
        }
      });
    },
    reconcile(key) {
      const set = sets.get(parseQueueKey(key));
      if (!set || isBeingDeleted(set)) return undefined;
      const claimed = pods.claim(set);
      const { update, old, collisionCount } = history.sync(set);
      const hash = hashOf(update);
      const now = clock.now();
      const look = (owned: readonly Pod[]): Picture => ({
        set,
        nodes: [...nodes.all()],
        pods: podsByNode(owned),
        hash,
        now,
      });
      const waits: number[] = [];
      const error = act(look(claimed), (pod) => {
        const wait = removalDelay(set, pod, now);
        if (wait > 0) waits.push(wait);
        return wait === 0;
      });
      // Counted anew: what was just created or deleted is in the picture already.
      const owned = pods.held(set);
      updateStatus(look(owned), collisionCount);
      const live = new Set(owned.map(hashOf));
      history.forget(old, {
        limit: set.spec?.revisionHistoryLimit ?? 10,
        isLive: (revision) => live.has(hashOf(revision)),
      });
      if (error !== undefined) throw error;
      const minReadySeconds = set.spec?.minReadySeconds ?? 0;
      waits.push(msUntilNextAvailable(owned, { minReadySeconds, now }) ?? Infinity);
      const requeueAfterMs = Math.min(...waits);
      return Number.isFinite(requeueAfterMs) ? { requeueAfterMs } : undefined;
    },
  };

  /** Nodes first; a rollout goes on when they are as they should be. Returns what went wrong. */
  function act(picture: Picture, mayRemove: (pod: Pod) => boolean): unknown {
    const { set } = picture;
    const needed = manage(picture, mayRemove);
    if (needed.create.length + needed.delete.length > 0) return carryOut(picture, needed);
    if (set.spec?.updateStrategy?.type !== 'RollingUpdate') return undefined;
    return carryOut(picture, rollOut(picture));
  }

  function carryOut({ set, hash }: Picture, changes: Changes): unknown {
    const control = { api, recordEvent };
    const missing = changes.create.values();
    const creation = slowStart(changes.create.length, () => {
      const { value: nodeName } = missing.next();
      if (nodeName) createPod(set, daemonTemplate(set, { hash, nodeName }), control);
    });
    const deletions = changes.delete.flatMap((pod) => deletePod(set, pod, control));
    return creation ?? deletions[0];
  }

  /** Milliseconds for which a Pod that has ended stays yet; 0 announces that it goes. */
  function removalDelay(set: DaemonSet, pod: Pod, now: number): number {
    const { namespace, name } = metaOf(pod);
    const node = nodeOf(pod) ?? '';
    if (pod.status?.phase === 'Succeeded') {
      const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
      recordEvent(set, 'Normal', 'SucceededDaemonPod', message);
      return 0;
    }
    const wait = failures.take(`${metaOf(set).uid}/${node}`, now);
    if (wait > 0) return wait;
    const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
    recordEvent(set, 'Warning', 'FailedDaemonPod', message);
    return 0;
  }

  function updateStatus(picture: Picture, collisionCount: number | undefined): void {
    const { set } = picture;
    const status = daemonSetStatus(picture, collisionCount);
    if (isSemanticallyEqual(status, set.status ?? {})) return;
    if (!sets.get(metaOf(set))) return;
    api.update(
      'daemonsets',
      { ...set, status },
      { subresource: 'status', fieldManager: FIELD_MANAGER },
    );
  }
}

/** The revision of a Pod, or of a ControllerRevision. */
function hashOf({ metadata }: Pick<Pod, 'metadata'>): string {
  return metadata?.labels?.[REVISION_LABEL] ?? '';
}
