import type { PriorityClass } from 'kubernetes-types/scheduling/v1.js';

import { type FieldError, forbidden, notSupported } from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { immutable } from './metadata.ts';

/** What users may give; the system's own classes are above. */
const highestForUsers = 1_000_000_000;
const systemClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

export function validatePriorityClass(priorityClass: PriorityClass): FieldError[] {
  const { metadata, value, preemptionPolicy } = priorityClass;
  const name = metadata?.name ?? '';
  const errors: FieldError[] = [];
  if (name.startsWith('system-')) {
    if (systemClasses[name] !== value) {
      const cause =
        systemClasses[name] === undefined
          ? `${name} is not a known system priority class`
          : `value of ${name} PriorityClass must be ${systemClasses[name]}`;
      const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${cause}`;
      errors.push(forbidden('metadata.name', why));
    }
  } else if (value > highestForUsers) {
    const why = `maximum allowed value of a user defined priority is ${highestForUsers}`;
    errors.push(forbidden('value', why));
  }
  const policies = ['PreemptLowerPriority', 'Never'];
  if (preemptionPolicy !== undefined && !policies.includes(preemptionPolicy)) {
    errors.push(notSupported('preemptionPolicy', preemptionPolicy, policies));
  }
  return errors;
}

export function validatePriorityClassUpdate(
  next: PriorityClass,
  previous: PriorityClass,
): FieldError[] {
  return [
    ...(next.value === previous.value
      ? []
      : [forbidden('value', 'may not be changed in an update.')]),
    ...(isEqual(next.preemptionPolicy, previous.preemptionPolicy)
      ? []
      : [immutable('preemptionPolicy', next.preemptionPolicy)]),
  ];
}
