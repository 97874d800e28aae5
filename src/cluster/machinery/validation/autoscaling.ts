import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';

import { type FieldError, invalidValue, notSupported, required } from '../field-error.ts';
import { validateMetric, validateReference } from './metrics.ts';

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  if (!spec) return [];
  const { minReplicas, maxReplicas, scaleTargetRef: target, metrics = [], behavior } = spec;
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
  return [
    ...errors,
    ...validateReference(target, 'spec.scaleTargetRef'),
    ...metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...validateScaling(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateScaling(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

type Scaling = NonNullable<
  NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['behavior']>['scaleUp']
>;

const [maxWindow, maxPeriod] = [3600, 1800];

function validateScaling(rules: Scaling | undefined, field: string): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules;
  const errors: FieldError[] = [];
  const at = `${field}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0) {
    errors.push(invalidValue(at, window, 'must be greater than or equal to zero'));
  }
  if (window !== undefined && window > maxWindow) {
    errors.push(invalidValue(at, window, `must be less than or equal to ${maxWindow}`));
  }
  const selections = ['Disabled', 'Max', 'Min'];
  if (selectPolicy !== undefined && !selections.includes(selectPolicy)) {
    errors.push(notSupported(`${field}.selectPolicy`, selectPolicy, selections));
  }
  if (policies.length === 0) {
    return [...errors, required(`${field}.policies`, 'must specify at least one Policy')];
  }
  for (const [index, { type, value, periodSeconds }] of policies.entries()) {
    const one = `${field}.policies[${index}]`;
    const types = ['Percent', 'Pods'];
    if (!types.includes(type)) errors.push(notSupported(`${one}.type`, type, types));
    if (value <= 0) errors.push(invalidValue(`${one}.value`, value, 'must be greater than zero'));
    const period = `${one}.periodSeconds`;
    if (periodSeconds <= 0) {
      errors.push(invalidValue(period, periodSeconds, 'must be greater than zero'));
    }
    if (periodSeconds > maxPeriod) {
      const why = `must be less than or equal to ${maxPeriod}`;
      errors.push(invalidValue(period, periodSeconds, why));
    }
  }
  return errors;
}
