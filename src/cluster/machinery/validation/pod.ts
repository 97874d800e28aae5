import type { Pod } from 'kubernetes-types/core/v1.js';

import { type FieldError, forbidden } from '../field-error.ts';
import { validatePodSpec } from './pod-spec.ts';

export function validatePod({ spec }: Pod): FieldError[] {
  if (!spec) return [];
  const errors = validatePodSpec(spec, 'spec');
  if ((spec.ephemeralContainers ?? []).length > 0) {
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  return errors;
}
