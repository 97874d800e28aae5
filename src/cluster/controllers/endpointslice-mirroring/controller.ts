import type { Endpoints } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { isNamespaceTerminating, isNotFound } from '../api-errors.ts';
import { MANAGED_BY, SERVICE_NAME } from '../endpointslice/slice.ts';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { hasSelector } from '../service-pods.ts';
import { MAX_ENDPOINTS_PER_SUBSET, MIRRORING_CONTROLLER_NAME, planMirror } from './mirror.ts';

/** Mirrors the Endpoints of Services without a selector into slices, and takes the mirror away when one is set. */
export function endpointSliceMirroringController({
  api,
  informers,
  clock,
}: ControllerContext): Controller {
  const services = informers.of('services');
  const endpoints = informers.of('endpoints');
  const slices = informers.of('endpointslices');
  const sliceLabels = slices.labels();
  const recordEvent = eventRecorder(api, clock, 'endpoint-slice-mirroring-controller');
  let isWriting = false;

  return {
    name: 'endpointslicemirroring',
    retry: { baseDelayMs: 1000, maxRetries: 15 },
    watch(queue) {
      endpoints.onChange(({ object }) => queue.add(queueKey(object)));
      services.onChange(({ type, object, previous }) => {
        // A41: only the coming and going of the selector matters here.
        const isSame =
          type === 'MODIFIED' &&
          hasSelector(object.spec?.selector) === hasSelector(previous?.spec?.selector);
        if (!isSame) queue.add(queueKey(object));
      });
      slices.onChange(({ type, object, previous }) => {
        if (isWriting || type === 'ADDED') return;
        const isEdited =
          type === 'DELETED' || object.metadata?.generation !== previous?.metadata?.generation;
        if (!isEdited) return;
        for (const slice of [object, previous]) {
          const key = slice && mirroredKey(slice);
          if (key) queue.add(key);
        }
      });
    },
    reconcile(key) {
      const { namespace = '', name } = parseQueueKey(key);
      const source = endpoints.get({ namespace, name });
      const existing = sliceLabels
        .select(namespace, {
          matchLabels: { [SERVICE_NAME]: name, [MANAGED_BY]: MIRRORING_CONTROLLER_NAME },
        })
        .filter((slice) => !isBeingDeleted(slice));
      isWriting = true;
      try {
        if (source && isMirrored(source)) mirror(source, existing);
        else existing.forEach(remove);
      } finally {
        isWriting = false;
      }
    },
  };

  /** A40. */
  function isMirrored({ metadata }: Endpoints): boolean {
    if (metadata?.labels?.['endpointslice.kubernetes.io/skip-mirror'] === 'true') return false;
    if (metadata?.annotations?.['control-plane.alpha.kubernetes.io/leader'] !== undefined) {
      return false;
    }
    const service = services.get({ namespace: metadata?.namespace, name: metadata?.name ?? '' });
    return service !== undefined && !hasSelector(service.spec?.selector);
  }

  function mirror(source: Endpoints, existing: readonly EndpointSlice[]): void {
    const plan = planMirror(source, existing);
    if (plan.skipped > 0) {
      recordEvent(
        source,
        'Warning',
        'TooManyAddressesToMirror',
        `A max of ${MAX_ENDPOINTS_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset. ${plan.skipped} addresses were skipped`,
      );
    }
    try {
      for (const slice of plan.create) {
        api.create('endpointslices', slice, { fieldManager: FIELD_MANAGER });
      }
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      throw error;
    }
    for (const slice of plan.update) {
      api.update('endpointslices', slice, { fieldManager: FIELD_MANAGER });
    }
    plan.delete.forEach(remove);
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

function mirroredKey({ metadata }: EndpointSlice): string | undefined {
  const { [MANAGED_BY]: manager, [SERVICE_NAME]: name } = metadata?.labels ?? {};
  return manager === MIRRORING_CONTROLLER_NAME && name
    ? `${metadata?.namespace}/${name}`
    : undefined;
}
