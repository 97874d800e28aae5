import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import { isNotFound } from '../controllers/api-errors.ts';
import { timestamp } from '../controllers/clock.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../controllers/object-meta.ts';
import { isPodTerminal } from '../controllers/pod-status.ts';
import type { Controller, ControllerContext } from '../controllers/runner.ts';
import { isSemanticallyEqual } from '../controllers/semantic-equality.ts';
import { schedulingEvents } from './events.ts';
import { FIELD_MANAGER, SCHEDULER_NAME } from './names.ts';
import { place, unschedulableMessage } from './fit.ts';

/** Gives each Pod that has none a node. */
export function schedulerController({ api, informers, clock }: ControllerContext): Controller {
  const pods = informers.of('pods');
  const nodes = informers.of('nodes');
  const podsByNode = pods.index((pod) =>
    pod.spec?.nodeName && !isPodTerminal(pod) ? [pod.spec.nodeName] : [],
  );
  const waiting = pods.index((pod) => (isWaiting(pod) ? [SCHEDULER_NAME] : []));

  const recordEvent = schedulingEvents(api, clock);

  return {
    name: 'scheduler',
    watch(queue) {
      const retryAll = () => {
        for (const pod of waiting.get(SCHEDULER_NAME)) queue.add(queueKey(pod));
      };
      pods.onChange(({ type, object, previous }) => {
        if (type === 'DELETED') retryAll();
        else if (isWaiting(object) && (type === 'ADDED' || !previous || !isWaiting(previous))) {
          queue.add(queueKey(object));
        }
      });
      nodes.onChange(({ type, object, previous }) => {
        // Heartbeats do not make a node any better.
        const isNews =
          type !== 'MODIFIED' || !isSemanticallyEqual(offerOf(object), offerOf(previous ?? {}));
        if (isNews) retryAll();
      });
    },
    reconcile(key) {
      const pod = pods.get(parseQueueKey(key));
      if (!pod || !isWaiting(pod)) return;
      const candidates = [...nodes.all()].map((node) => ({
        node,
        podCount: podsByNode.count(metaOf(node).name),
      }));
      const placement = place(pod, candidates);
      if ('nodeName' in placement) bind(pod, placement.nodeName);
      else refuse(pod, unschedulableMessage(candidates.length, placement));
    },
  };

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

/** What of a node decides who fits on it. */
function offerOf({ metadata, spec, status }: Node): unknown {
  return {
    labels: metadata?.labels,
    spec,
    allocatable: status?.allocatable,
    ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status,
  };
}
