import type { Node, Pod, Taint } from 'kubernetes-types/core/v1.js';
import { tolerates } from '../../scheduler/taints.ts';
import { isNotFound } from '../api-errors.ts';
import { markDisrupted } from '../disruption-target.ts';
import { eventRecorder } from '../event-recorder.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { isPodTerminal } from '../pod-status.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';

/** Deletes Pods from nodes with a NoExecute taint that they do not tolerate, or not for longer. */
export function taintEvictionController({ api, informers, clock }: ControllerContext): Controller {
  const nodes = informers.of('nodes');
  const pods = informers.of('pods');
  const podsByNode = pods.index(({ spec }) => (spec?.nodeName ? [spec.nodeName] : []));
  const recordEvent = eventRecorder(api, clock, 'taint-eviction-controller');
  /** Since when each Pod, by uid, has had to leave some time. */
  const since = new Map<string, number>();

  return {
    name: 'taint-eviction',
    watch(queue) {
      nodes.onChange(({ object, previous }) => {
        const [taints, before] = [noExecute(object), previous ? noExecute(previous) : []];
        if (isSemanticallyEqual(taints, before)) return;
        for (const pod of podsByNode.get(metaOf(object).name)) queue.add(queueKey(pod));
      });
      pods.onChange(({ type, object, previous }) => {
        if (type === 'DELETED') {
          since.delete(metaOf(object).uid);
          return;
        }
        const isNews =
          object.spec?.nodeName !== previous?.spec?.nodeName ||
          !isSemanticallyEqual(object.spec?.tolerations, previous?.spec?.tolerations);
        if (isNews && object.spec?.nodeName) queue.add(queueKey(object));
      });
    },
    reconcile(key) {
      const pod = pods.get(parseQueueKey(key));
      if (!pod || isBeingDeleted(pod) || isPodTerminal(pod)) return undefined;
      const node = nodes.get({ name: pod.spec?.nodeName ?? '' });
      const { uid } = metaOf(pod);
      const seconds = node ? secondsLeft(pod, noExecute(node)) : Infinity;
      if (seconds === Infinity) {
        if (since.delete(uid)) {
          const message = `Cancelling deletion of Pod ${key}`;
          recordEvent(pod, 'Normal', 'TaintManagerEviction', message);
        }
        return undefined;
      }
      const now = clock.now();
      const started = since.get(uid) ?? now;
      since.set(uid, started);
      const wait = started + seconds * 1000 - now;
      if (wait > 0) return { requeueAfterMs: wait };
      evict(pod);
      return undefined;
    },
  };

  function evict(pod: Pod): void {
    const { namespace, name, uid } = metaOf(pod);
    const message = `Marking for deletion Pod ${namespace}/${name}`;
    recordEvent(pod, 'Normal', 'TaintManagerEviction', message);
    try {
      markDisrupted(api, pod, {
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
        now: clock.now(),
      });
      api.delete('pods', { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** How long the Pod may stay: the shortest of the tolerations that let it. 0 when a taint has none. */
function secondsLeft({ spec }: Pod, taints: readonly Taint[]): number {
  const tolerations = (spec?.tolerations ?? []) as readonly ({
    readonly tolerationSeconds?: number;
  } & NonNullable<NonNullable<Pod['spec']>['tolerations']>[number])[];
  let shortest = Infinity;
  for (const taint of taints) {
    const matching = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return 0;
    for (const { tolerationSeconds = Infinity } of matching) {
      shortest = Math.min(shortest, Math.max(0, tolerationSeconds));
    }
  }
  return shortest;
}

function noExecute({ spec }: Node): Taint[] {
  return (spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}
