import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { isNamespaceTerminating, isNotFound, messageOf } from '../api-errors.ts';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { Change } from '../informer.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { hasSelector, watchPodsOfServices } from '../service-pods.ts';
import { TriggerTimes, withTriggerTime } from '../trigger-time.ts';
import { planSlices, type SlicePlan } from './plan.ts';
import { CONTROLLER_NAME, MANAGED_BY, SERVICE_NAME } from './slice.ts';

/** A34: somebody else's edit is undone after a second, not at once. */
const FOREIGN_EDIT_DELAY_MS = 1000;

/**
 * Keeps the EndpointSlices of each Service that has a selector. When the selector goes, its slices
 * stay as they were (A25): orphans that still carry traffic.
 */
export function endpointSliceController({ api, informers, clock }: ControllerContext): Controller {
  const services = informers.of('services');
  const pods = informers.of('pods');
  const nodes = informers.of('nodes');
  const slices = informers.of('endpointslices');
  const podLabels = pods.labels();
  const sliceLabels = slices.labels();
  const triggerTimes = new TriggerTimes();
  const recordEvent = eventRecorder(api, clock, 'endpoint-slice-controller');
  let isWriting = false;

  return {
    name: 'endpointslice',
    retry: { baseDelayMs: 1000, maxRetries: 15 },
    watch(queue) {
      services.onChange(({ object }) => queue.add(queueKey(object)));
      watchPodsOfServices({ pods, services }, (service) => queue.add(queueKey(service)));
      slices.onChange((change) => {
        if (isWriting) return;
        for (const key of servicesToRepair(change)) queue.addAfter(key, FOREIGN_EDIT_DELAY_MS);
      });
    },
    reconcile(key) {
      const service = services.get(parseQueueKey(key));
      if (!service) {
        triggerTimes.forget(key);
        return;
      }
      if (service.spec?.type === 'ExternalName' || !hasSelector(service.spec?.selector)) return;
      const { namespace = '', name } = metaOf(service);
      const selected = podLabels.select(namespace, { matchLabels: service.spec?.selector ?? {} });
      const existing = sliceLabels
        .select(namespace, { matchLabels: { [SERVICE_NAME]: name, [MANAGED_BY]: CONTROLLER_NAME } })
        .filter((slice) => !isBeingDeleted(slice));
      const triggerTime = triggerTimes.since(service, selected);
      const plan = planSlices({
        service,
        pods: selected,
        existing,
        nodeOf: ({ spec }) => (spec?.nodeName ? nodes.get({ name: spec.nodeName }) : undefined),
      });
      carryOut(service, plan, triggerTime);
      const [stray] = plan.withoutNode;
      if (!stray) return;
      throw new Error(
        `skipping Pod ${metaOf(stray).name} for Service ${namespace}/${name}: Node ${stray.spec?.nodeName} Not Found`,
      );
    },
  };

  function carryOut(service: Service, plan: SlicePlan, triggerTime: string | undefined): void {
    const stamped = (slice: EndpointSlice): EndpointSlice => ({
      ...slice,
      metadata: {
        ...slice.metadata,
        annotations: withTriggerTime(slice.metadata?.annotations, triggerTime),
      },
    });
    isWriting = true;
    try {
      // A Service on its way out gets no new slices: garbage collection would wait for them.
      for (const slice of isBeingDeleted(service) ? [] : plan.create) {
        api.create('endpointslices', stamped(slice), { fieldManager: FIELD_MANAGER });
      }
      for (const slice of plan.update) {
        api.update('endpointslices', stamped(slice), { fieldManager: FIELD_MANAGER });
      }
      for (const slice of plan.delete) remove(slice);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const { namespace, name } = metaOf(service);
      recordEvent(
        service,
        'Warning',
        'FailedToUpdateEndpointSlices',
        `Error updating Endpoint Slices for Service ${namespace}/${name}: ${messageOf(error)}`,
      );
      throw error;
    } finally {
      isWriting = false;
    }
  }

  function remove(slice: EndpointSlice): void {
    const { namespace, name, uid } = metaOf(slice);
    try {
      api.delete('endpointslices', { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** A33: keys of the Services whose slices someone else has touched. */
function servicesToRepair({ type, object, previous }: Change<EndpointSlice>): string[] {
  const names = (states: readonly (EndpointSlice | undefined)[]): string[] =>
    states.flatMap((slice) => {
      const name = slice?.metadata?.labels?.[SERVICE_NAME];
      return name ? [`${slice?.metadata?.namespace}/${name}`] : [];
    });
  if (type !== 'MODIFIED' || !previous) return isManaged(object) ? names([object]) : [];
  const isMoved =
    isManaged(object) !== isManaged(previous) || names([object])[0] !== names([previous])[0];
  if (isMoved) return isManaged(object) || isManaged(previous) ? names([previous, object]) : [];
  // Annotations may differ: they leave the generation alone and are nobody's business.
  const isEdited = object.metadata?.generation !== previous.metadata?.generation;
  return isManaged(object) && isEdited ? names([object]) : [];
}

function isManaged({ metadata }: EndpointSlice): boolean {
  return metadata?.labels?.[MANAGED_BY] === CONTROLLER_NAME;
}
