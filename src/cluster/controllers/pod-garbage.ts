import type { Pod } from 'kubernetes-types/core/v1.js';
import { isNotFound } from './api-errors.ts';
import { markDisrupted } from './disruption-target.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from './object-meta.ts';
import { isPodTerminal } from './pod-status.ts';
import type { Controller, ControllerContext } from './runner.ts';

/** A node may come back, or be known a little later than its Pods. */
const QUARANTINE_MS = 40_000;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Removes Pods that no kubelet will ever remove: their node is gone, or they never had one. */
export function podGarbageCollector({ api, informers, clock }: ControllerContext): Controller {
  const nodes = informers.of('nodes');
  const pods = informers.of('pods');
  const podsByNode = pods.index(({ spec }) => (spec?.nodeName ? [spec.nodeName] : []));
  /** Since when each node that Pods are bound to has not been there. */
  const missingSince = new Map<string, number>();

  return {
    name: 'pod-garbage-collector',
    watch(queue) {
      nodes.onChange(({ type, object, previous }) => {
        const { name } = metaOf(object);
        if (type === 'DELETED') missingSince.set(name, clock.now());
        else missingSince.delete(name);
        const isNews = type === 'DELETED' || object.spec?.taints !== previous?.spec?.taints;
        if (isNews) for (const pod of podsByNode.get(name)) queue.add(queueKey(pod));
      });
      pods.onChange(({ type, object, previous }) => {
        const isNews =
          type === 'ADDED' ||
          object.spec?.nodeName !== previous?.spec?.nodeName ||
          (previous !== undefined && isBeingDeleted(object) !== isBeingDeleted(previous));
        if (type !== 'DELETED' && isNews) queue.add(queueKey(object));
      });
    },
    reconcile(key) {
      const pod = pods.get(parseQueueKey(key));
      if (!pod) return undefined;
      const nodeName = pod.spec?.nodeName;
      if (!nodeName) {
        if (isBeingDeleted(pod)) remove(pod);
        return undefined;
      }
      const node = nodes.get({ name: nodeName });
      if (node) {
        const isOutOfService = node.spec?.taints?.some((taint) => taint.key === OUT_OF_SERVICE);
        const isReady = node.status?.conditions?.some(
          ({ type, status }) => type === 'Ready' && status === 'True',
        );
        if (isOutOfService && !isReady && isBeingDeleted(pod)) remove(pod);
        return undefined;
      }
      const now = clock.now();
      const since = missingSince.get(nodeName) ?? now;
      missingSince.set(nodeName, since);
      const wait = since + QUARANTINE_MS - now;
      if (wait > 0) return { requeueAfterMs: wait };
      remove(pod, {
        reason: 'DeletionByPodGC',
        message: 'PodGC: node no longer exists',
        now,
      });
      return undefined;
    },
  };

  /** As Failed: a Job that replaces only what has failed waits for that. */
  function remove(pod: Pod, why?: Omit<Parameters<typeof markDisrupted>[2], 'phase'>): void {
    const { namespace, name, uid } = metaOf(pod);
    try {
      if (!isPodTerminal(pod)) fail(pod, why);
      const options = { gracePeriodSeconds: 0, preconditions: { uid } };
      api.delete('pods', { namespace, name }, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  function fail(pod: Pod, why: Omit<Parameters<typeof markDisrupted>[2], 'phase'> | undefined) {
    if (why) {
      markDisrupted(api, pod, { ...why, phase: 'Failed' });
      return;
    }
    const { namespace, name, uid } = metaOf(pod);
    api.patch(
      'pods',
      { namespace, name },
      { metadata: { uid }, status: { phase: 'Failed' } },
      { type: 'merge', subresource: 'status', fieldManager: FIELD_MANAGER },
    );
  }
}
