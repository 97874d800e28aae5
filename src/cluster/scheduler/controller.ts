import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import { isNotFound } from '../controllers/api-errors.ts';
import { timestamp } from '../controllers/clock.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../controllers/object-meta.ts';
import { isPodTerminal } from '../controllers/pod-status.ts';
import type { Controller, ControllerContext, Queue } from '../controllers/runner.ts';
import { isSemanticallyEqual } from '../controllers/semantic-equality.ts';
import { schedulingEvents } from './events.ts';
import { FIELD_MANAGER, SCHEDULER_NAME } from './names.ts';
import { NodeUsage } from './node-usage.ts';
import { PendingPods } from './pending.ts';
import { place, unschedulableMessage } from './place.ts';

/** The queue's key for "the next Pod", which `PendingPods` knows; other keys are Pods to be tried again. */
const NEXT = 'next';
const RETRY_MS = 1000;

/** Gives each Pod that has none a node. */
export function schedulerController({
  api,
  informers,
  clock,
}: Omit<ControllerContext, 'labelsEndpoints'>): Controller {
  const pods = informers.of('pods');
  const nodes = informers.of('nodes');
  const namespaces = informers.of('namespaces');
  const usage = new NodeUsage(pods);
  const waiting = pods.index((pod) => (isWaiting(pod) ? [SCHEDULER_NAME] : []));
  const pending = new PendingPods();
  const recordEvent = schedulingEvents(api, clock);
  let queued: Queue | undefined;

  return {
    name: 'scheduler',
    watch(queue) {
      queued = queue;
      const enqueue = (pod: Pod) => {
        pending.add(queueKey(pod), pod.spec?.priority ?? 0);
        queue.add(NEXT);
      };
      const retryAll = () => {
        for (const pod of waiting.get(SCHEDULER_NAME)) enqueue(pod);
      };
      pods.onChange(({ type, object, previous }) => {
        if (type !== 'DELETED' && isWaiting(object)) {
          if (type === 'ADDED' || !previous || isNewsOf(object, previous)) enqueue(object);
        } else {
          if (type === 'DELETED') pending.delete(queueKey(object));
          if (waiting.count(SCHEDULER_NAME) > 0 && mattersToOthers(object, previous, type)) {
            retryAll();
          }
        }
      });
      nodes.onChange(({ type, object, previous }) => {
        // Heartbeats do not make a node any better.
        const isNews =
          type !== 'MODIFIED' || !isSemanticallyEqual(offerOf(object), offerOf(previous ?? {}));
        if (isNews) retryAll();
      });
    },
    reconcile(turn) {
      const key = turn === NEXT ? pending.take() : turn;
      const pod = key === undefined ? undefined : pods.get(parseQueueKey(key));
      try {
        if (pod && isWaiting(pod)) schedule(pod);
      } catch (error) {
        // The next one's turn does not wait for this one's.
        if (pod) queued?.addAfter(queueKey(pod), RETRY_MS);
        throw error;
      } finally {
        if (pending.size > 0) queued?.add(NEXT);
      }
    },
  };

  function schedule(pod: Pod): void {
    const placement = place(pod, {
      candidates: usage.candidates(nodes.all()),
      withAffinity: usage.withAffinity(),
      namespaceLabels: (name) => namespaces.get({ name })?.metadata?.labels,
    });
    if ('nodeName' in placement) bind(pod, placement.nodeName);
    else refuse(pod, unschedulableMessage(pod, placement));
  }

  function bind(pod: Pod, nodeName: string): void {
    const { namespace = '', name, uid } = metaOf(pod);
    try {
      api.create(
        'pods',
        {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { namespace, name, uid },
          target: { kind: 'Node', name: nodeName },
        },
        { subresource: 'binding', fieldManager: FIELD_MANAGER },
      );
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    recordEvent(pod, { type: 'Normal', reason: 'Scheduled', action: 'Binding', message });
  }

  function refuse(pod: Pod, message: string): void {
    const { namespace, name } = metaOf(pod);
    recordEvent(pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      action: 'Scheduling',
      message,
    });
    const type = 'PodScheduled';
    const known = pod.status?.conditions?.find((condition) => condition.type === type);
    const condition = { type, status: 'False', reason: 'Unschedulable', message };
    if (known?.status === 'False' && known.message === message) return;
    const lastTransitionTime =
      known?.status === 'False' ? known.lastTransitionTime : timestamp(clock.now());
    api.patch(
      'pods',
      { namespace, name },
      { status: { conditions: [{ ...condition, lastTransitionTime }] } },
      { type: 'strategic', subresource: 'status', fieldManager: FIELD_MANAGER },
    );
  }
}

function isWaiting(pod: Pod): boolean {
  const { nodeName, schedulerName = SCHEDULER_NAME, schedulingGates = [] } = pod.spec ?? {};
  return (
    !nodeName &&
    schedulerName === SCHEDULER_NAME &&
    schedulingGates.length === 0 &&
    !isBeingDeleted(pod) &&
    !isPodTerminal(pod)
  );
}

/** A status that the scheduler itself has written is no reason to try again. */
function isNewsOf(pod: Pod, previous: Pod): boolean {
  return (
    !isWaiting(previous) ||
    pod.metadata?.generation !== previous.metadata?.generation ||
    !isSemanticallyEqual(pod.metadata?.labels, previous.metadata?.labels)
  );
}

/** Room made, or company come: what is said about a Pod on a node otherwise changes nothing. */
function mattersToOthers(
  pod: Pod,
  previous: Pod | undefined,
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
): boolean {
  if (!pod.spec?.nodeName) return false;
  if (type !== 'MODIFIED' || !previous) return true;
  return (
    !previous.spec?.nodeName ||
    isPodTerminal(pod) !== isPodTerminal(previous) ||
    isBeingDeleted(pod) !== isBeingDeleted(previous) ||
    !isSemanticallyEqual(pod.metadata?.labels, previous.metadata?.labels)
  );
}

/** What of a node decides who fits on it. */
function offerOf({ metadata, spec, status }: Node): unknown {
  return {
    labels: metadata?.labels,
    spec,
    allocatable: status?.allocatable,
    ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status,
  };
}
