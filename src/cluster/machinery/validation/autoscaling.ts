import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';

import { type FieldError, invalidValue, notSupported, required } from '../field-error.ts';

const sources = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  if (!spec) return [];
  const { minReplicas, maxReplicas, scaleTargetRef: target, metrics = [] } = spec;
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) {
    const why = 'must be greater than or equal to 1';
    errors.push(invalidValue('spec.minReplicas', minReplicas, why));
  }
  if (maxReplicas < 1) {
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  }
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const why = 'must be greater than or equal to `minReplicas`';
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, why));
  }
  for (const key of ['kind', 'name'] as const) {
    if (!target[key]) errors.push(required(`spec.scaleTargetRef.${key}`));
  }
  for (const [index, { type }] of metrics.entries()) {
    const at = `spec.metrics[${index}].type`;
    if (!type) errors.push(required(at, 'must specify a metric source type'));
    else if (!sources.includes(type)) errors.push(notSupported(at, type, sources));
  }
  return errors;
}
