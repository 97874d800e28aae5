import type { Lease } from 'kubernetes-types/coordination/v1.js';
import type { Event, Namespace, Node } from 'kubernetes-types/core/v1.js';
import type { Event as GroupEvent } from 'kubernetes-types/events/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';

import { duplicate, type FieldError, forbidden, invalidValue, required } from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { oneOf } from './container.ts';
import { validateFinalizers } from './metadata.ts';
import { labelValueText, qualifiedName } from './names.ts';
import { validateSelector } from './selectors.ts';
import { notNegative, validateAmount } from './workloads.ts';

export function validateNamespace({ spec }: Namespace): FieldError[] {
  return validateFinalizers(spec?.finalizers ?? [], 'spec.finalizers');
}

export function validateNode({ spec }: Node): FieldError[] {
  const seen = new Set<string>();
  return (spec?.taints ?? []).flatMap((taint, index) => {
    const at = `spec.taints[${index}]`;
    const { key, value = '', effect } = taint;
    const errors = [
      ...qualifiedName(key).map((wrong) => invalidValue(`${at}.key`, key, wrong)),
      ...labelValueText(value).map((wrong) => invalidValue(`${at}.value`, value, wrong)),
      ...oneOf(effect, `${at}.effect`, ['NoExecute', 'NoSchedule', 'PreferNoSchedule']),
    ];
    if (seen.has(`${key} ${effect}`)) {
      errors.push(duplicate(at, taint));
    }
    seen.add(`${key} ${effect}`);
    return errors;
  });
}

export function validateNodeUpdate(next: Node, previous: Node): FieldError[] {
  const errors: FieldError[] = [];
  const { podCIDRs: before = [], providerID: idBefore = '' } = previous.spec ?? {};
  const { podCIDRs: after = [], providerID: idAfter = '' } = next.spec ?? {};
  if (before.length > 0 && !isEqual(before, after)) {
    errors.push(
      forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'),
    );
  }
  if (idBefore !== '' && idBefore !== idAfter) {
    errors.push(
      forbidden(
        'spec.providerID',
        'node updates may not change providerID except from "" to valid',
      ),
    );
  }
  return errors;
}

export function validateLease({ spec }: Lease): FieldError[] {
  const { leaseDurationSeconds: duration, leaseTransitions } = spec ?? {};
  const errors: FieldError[] = [];
  if (duration !== undefined && duration <= 0) {
    errors.push(invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  }
  return [...errors, ...notNegative(leaseTransitions, 'spec.leaseTransitions')];
}

export function validatePodDisruptionBudget({ spec }: PodDisruptionBudget): FieldError[] {
  if (!spec) return [];
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
  }
  errors.push(
    ...validateAmount(minAvailable, 'spec.minAvailable'),
    ...validateAmount(maxUnavailable, 'spec.maxUnavailable'),
    ...validateSelector(spec.selector, 'spec.selector'),
  );
  if (policy !== undefined) {
    errors.push(
      ...oneOf(policy, 'spec.unhealthyPodEvictionPolicy', ['AlwaysAllow', 'IfHealthyBudget']),
    );
  }
  return errors;
}

export function validateEvent({ metadata, involvedObject }: Event): FieldError[] {
  const namespace = metadata.namespace ?? '';
  const expected = involvedObject.namespace || 'default';
  return namespace === expected
    ? []
    : [
        invalidValue(
          'involvedObject.namespace',
          involvedObject.namespace ?? '',
          'does not match event.namespace',
        ),
      ];
}

/** The stricter rules of events.k8s.io, which core events without an eventTime are spared. */
export function validateGroupEvent(event: GroupEvent): FieldError[] {
  const errors: FieldError[] = [];
  if (!event.eventTime) errors.push(required('eventTime'));
  for (const field of ['reportingController', 'reportingInstance', 'action', 'reason'] as const) {
    if (!event[field]) errors.push(required(field));
  }
  const note = event.note ?? '';
  if (Buffer.byteLength(note) > 1024) {
    errors.push(invalidValue('note', note, 'can have at most 1024 characters'));
  }
  return errors;
}
