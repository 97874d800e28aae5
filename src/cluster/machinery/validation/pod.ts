import type { Pod } from 'kubernetes-types/core/v1.js';

import { type FieldError, forbidden } from '../field-error.ts';
import { validateImageSpaces } from './container.ts';
import { validatePodSpec } from './pod-spec.ts';

/** What holds for every Pod, new or changed. */
export function validatePod({ spec }: Pod): FieldError[] {
  if (!spec) return [];
  return [
    ...validatePodSpec(spec, 'spec', true),
    ...validateImageSpaces(spec.containers, 'spec.containers'),
    ...validateImageSpaces(spec.initContainers, 'spec.initContainers'),
    ...validateImageSpaces(spec.ephemeralContainers, 'spec.ephemeralContainers'),
  ];
}

/** What holds for a new one besides. */
export function validateNewPod({ spec }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const { ephemeralContainers = [], nodeName, schedulingGates = [] } = spec ?? {};
  if (ephemeralContainers.length > 0) {
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (nodeName && schedulingGates.length > 0) {
    const why = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbidden('spec.nodeName', why));
  }
  return errors;
}
