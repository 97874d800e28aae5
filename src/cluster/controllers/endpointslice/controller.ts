import type { Node, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { labelSelectorMatcher } from '../../store/index.ts';
import { isNamespaceTerminating, isNotFound, messageOf } from '../api-errors.ts';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { Change } from '../informer.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { hasSelector, watchPodsOfServices } from '../service-pods.ts';
import { TriggerTimes, withTriggerTime } from '../trigger-time.ts';
import { KnownService } from './known-service.ts';
import { planSlices, type SlicePlan } from './plan.ts';
import { CONTROLLER_NAME, MANAGED_BY, SERVICE_NAME } from './slice.ts';
import { touchUp } from './touch-up.ts';

/** A34: somebody else's edit is undone after a second, not at once. */
const FOREIGN_EDIT_DELAY_MS = 1000;
/** With more changes than this at once, one plan for all is no more work. */
const MAX_TOUCHED = 100;

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
  /** By queue key; a Service that is not among them is planned as a whole. */
  const known = new Map<string, KnownService>();
  let isWriting = false;

  return {
    name: 'endpointslice',
    retry: { baseDelayMs: 1000, maxRetries: 15 },
    watch(queue) {
      services.onChange(({ object }) => queue.add(queueKey(object)));
      watchPodsOfServices({ pods, services }, (service, podName) => {
        known.get(queueKey(service))?.changed.add(podName);
        queue.add(queueKey(service));
      });
      slices.onChange((change) => {
        if (isWriting) return;
        for (const key of servicesToRepair(change)) {
          known.delete(key);
          queue.addAfter(key, FOREIGN_EDIT_DELAY_MS);
        }
      });
    },
    reconcile(key) {
      const service = services.get(parseQueueKey(key));
      const last = known.get(key);
      // Until this pass has ended well, nothing is known.
      known.delete(key);
      if (!service) {
        triggerTimes.forget(key);
        return;
      }
      if (service.spec?.type === 'ExternalName' || !hasSelector(service.spec?.selector)) return;
      if (last?.service === service && touchUpSlices(last)) known.set(key, last);
      else known.set(key, planAnew(service));
    },
  };

  /** Whether the Pods that changed did not ask for more than new words in their slices. */
  function touchUpSlices(last: KnownService): boolean {
    const { service, changed } = last;
    if (changed.size > MAX_TOUCHED) return false;
    const { namespace = '' } = metaOf(service);
    const selects = labelSelectorMatcher({ matchLabels: service.spec?.selector ?? {} });
    const states = new Map(
      [...changed].map((name) => {
        const pod = pods.get({ namespace, name });
        return [name, pod && selects(pod.metadata?.labels) ? pod : undefined];
      }),
    );
    const update = touchUp({
      service,
      changed: states,
      sliceOf: (podName) => {
        const name = last.sliceOf(podName);
        return name === undefined ? undefined : slices.get({ namespace, name });
      },
      nodeOf,
    });
    if (!update) return false;
    const present = [...states.values()].filter((pod) => pod !== undefined);
    const triggerTime = triggerTimes.since(service, present, { isPart: true });
    carryOut(service, { create: [], update, delete: [] }, triggerTime);
    changed.clear();
    return true;
  }

  /** Throws for a Pod that is left out because its node is not known. */
  function planAnew(service: Service): KnownService {
    const { namespace = '', name } = metaOf(service);
    const selected = podLabels.select(namespace, { matchLabels: service.spec?.selector ?? {} });
    const triggerTime = triggerTimes.since(service, selected);
    const plan = planSlices({ service, pods: selected, existing: slicesOf(service), nodeOf });
    carryOut(service, plan, triggerTime);
    const [stray] = plan.withoutNode;
    if (stray) {
      throw new Error(
        `skipping Pod ${metaOf(stray).name} for Service ${namespace}/${name}: Node ${stray.spec?.nodeName} Not Found`,
      );
    }
    return new KnownService(service, slicesOf(service));
  }

  function slicesOf(service: Service): EndpointSlice[] {
    const { namespace = '', name } = metaOf(service);
    return sliceLabels
      .select(namespace, { matchLabels: { [SERVICE_NAME]: name, [MANAGED_BY]: CONTROLLER_NAME } })
      .filter((slice) => !isBeingDeleted(slice));
  }

  function nodeOf({ spec }: Pod): Node | undefined {
    return spec?.nodeName ? nodes.get({ name: spec.nodeName }) : undefined;
  }

  function carryOut(
    service: Service,
    plan: Omit<SlicePlan, 'withoutNode'>,
    triggerTime: string | undefined,
  ): void {
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
