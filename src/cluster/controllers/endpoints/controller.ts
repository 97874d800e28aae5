import type { Endpoints, EndpointSubset, Service } from 'kubernetes-types/core/v1.js';
import { isNamespaceTerminating, isNotFound, messageOf } from '../api-errors.ts';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { hasSelector, isHeadless, watchPodsOfServices } from '../service-pods.ts';
import { TriggerTimes, withTriggerTime } from '../trigger-time.ts';
import { subsetsOf } from './subsets.ts';
import { truncate } from './truncate.ts';

const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

/**
 * Keeps the Endpoints of each Service that has a selector. One without is left as it is (A12): that
 * is how Endpoints stay behind, frozen, when a selector is taken away.
 */
export function endpointsController({
  api,
  informers,
  clock,
  labelsEndpoints,
}: ControllerContext): Controller {
  const services = informers.of('services');
  const pods = informers.of('pods');
  const endpoints = informers.of('endpoints');
  const podLabels = pods.labels();
  const triggerTimes = new TriggerTimes();
  const recordEvent = eventRecorder(api, clock, 'endpoint-controller');

  return {
    name: 'endpoints',
    retry: { maxRetries: 15 },
    watch(queue) {
      services.onChange(({ object }) => queue.add(queueKey(object)));
      watchPodsOfServices({ pods, services }, (service) => queue.add(queueKey(service)));
      // Edits stay until the next reason to look (B13); only a deletion is one, and what was
      // left over from before the start.
      const leftovers = [...endpoints.all()].filter(({ metadata }) => !isLeaderRecord(metadata));
      for (const leftover of leftovers) queue.add(queueKey(leftover));
      endpoints.onChange(({ type, object }) => {
        if (type === 'DELETED') queue.add(queueKey(object));
      });
    },
    reconcile(key) {
      const service = services.get(parseQueueKey(key));
      if (!service) return remove(key);
      if (service.spec?.type === 'ExternalName' || !hasSelector(service.spec?.selector)) return;
      const { namespace = '' } = metaOf(service);
      const selected = podLabels.select(namespace, { matchLabels: service.spec?.selector ?? {} });
      // Asked also when nothing is written, so that the next answer starts from here.
      const triggerTime = triggerTimes.since(service, selected);
      const subsets = subsetsOf(service, selected);
      write(service, subsets, triggerTime);
    },
  };

  function remove(key: string): void {
    triggerTimes.forget(key);
    const orphan = endpoints.get(parseQueueKey(key));
    if (!orphan || isLeaderRecord(orphan.metadata)) return;
    try {
      api.delete('endpoints', parseQueueKey(key));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  function write(
    service: Service,
    all: readonly EndpointSubset[],
    triggerTime: string | undefined,
  ): void {
    const { namespace = '', name } = metaOf(service);
    const subsets = truncate(all);
    const isTruncated = subsets !== all;
    const labels = labelsOf(service, { labelsEndpoints });
    const current = endpoints.get({ namespace, name });
    const isUpToDate =
      current &&
      isSemanticallyEqual(current.subsets, subsets) &&
      isSemanticallyEqual(current.metadata?.labels, labels) &&
      (current.metadata?.annotations?.[OVER_CAPACITY] !== undefined) === isTruncated;
    if (isUpToDate) return;
    const { [OVER_CAPACITY]: _, ...annotations } = current?.metadata?.annotations ?? {};
    const next: Endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      ...current,
      metadata: {
        ...(current ? current.metadata : { namespace, name }),
        labels,
        annotations: {
          ...withTriggerTime(annotations, triggerTime),
          ...(isTruncated && { [OVER_CAPACITY]: 'truncated' }),
        },
      },
      subsets: [...subsets],
    };
    const verb = current ? 'update' : 'create';
    try {
      api[verb]('endpoints', next, { fieldManager: FIELD_MANAGER });
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      recordEvent(
        service,
        'Warning',
        current ? 'FailedToUpdateEndpoint' : 'FailedToCreateEndpoint',
        `Failed to ${verb} endpoint ${namespace}/${name}: ${messageOf(error)}`,
      );
      throw error;
    }
  }
}

/** A17, A18: the Service's labels and our own, nothing else: foreign labels do not survive. */
function labelsOf(
  service: Service,
  { labelsEndpoints }: Pick<ControllerContext, 'labelsEndpoints'>,
): Record<string, string> {
  const { 'service.kubernetes.io/headless': _, ...labels } = service.metadata?.labels ?? {};
  return {
    ...labels,
    ...(labelsEndpoints && { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }),
    ...(isHeadless(service) && { 'service.kubernetes.io/headless': '' }),
  };
}

/** Before Leases, leader election kept its record on Endpoints that belong to no Service. */
function isLeaderRecord(metadata: Endpoints['metadata']): boolean {
  return metadata?.annotations?.['control-plane.alpha.kubernetes.io/leader'] !== undefined;
}
