import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from 'kubernetes-types/autoscaling/v2.js';

import { milliValue } from '../codec/quantity.ts';
import {
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { pathSegmentName } from './names.ts';
import { validateSelector } from './selectors.ts';

const sources = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const;

/** One metric of an autoscaler: its type says which one source it has. */
export function validateMetric(metric: MetricSpec, field: string): FieldError[] {
  const { type } = metric;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${field}.type`, 'must specify a metric source type'));
  const expected = sources[type as keyof typeof sources];
  if (expected === undefined) {
    errors.push(notSupported(`${field}.type`, type, Object.keys(sources)));
  }
  const present = order.filter((source) => metric[source]);
  const [first] = present;
  if (first) errors.push(...validateSource(metric, first, `${field}.${first}`));
  if (expected && !metric[expected]) {
    const why = 'must populate information for the given metric source';
    errors.push(required(`${field}.${expected}`, why));
  }
  if (present.length !== 1) {
    for (const other of present.filter((source) => source !== expected)) {
      errors.push(forbidden(`${field}.${other}`, 'must populate the given metric source only'));
    }
  }
  return errors;
}

/** As upstream looks for them: only the first that is there is judged. */
const order = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;

function validateSource(
  metric: MetricSpec,
  source: (typeof order)[number],
  field: string,
): FieldError[] {
  const target = metric[source]?.target;
  const at = `${field}.target`;
  const checks = [...validateTarget(target, at)];
  const has = (name: 'averageUtilization' | 'averageValue' | 'value') =>
    target?.[name] !== undefined;
  switch (source) {
    case 'object': {
      if (!has('value') && !has('averageValue')) {
        const why = 'must set either a target value or averageValue';
        checks.push(required(`${at}.averageValue`, why));
      }
      const described = metric.object?.describedObject;
      return [
        ...(described ? validateReference(described, `${field}.describedObject`) : []),
        ...validateIdentifier(metric.object?.metric, `${field}.metric`),
        ...checks,
      ];
    }
    case 'external':
      if (!has('value') && !has('averageValue')) {
        const why = 'must set either a target value for metric or a per-pod target';
        checks.push(required(`${at}.averageValue`, why));
      }
      if (has('value') && has('averageValue')) {
        const why = 'may not set both a target value for metric and a per-pod target';
        checks.push(forbidden(`${at}.value`, why));
      }
      return [...validateIdentifier(metric.external?.metric, `${field}.metric`), ...checks];
    case 'pods':
      if ((milliValue(target?.averageValue ?? '0') ?? 0) <= 0) {
        const why = 'must specify a positive target averageValue';
        checks.push(required(`${at}.averageValue`, why));
      }
      return [...validateIdentifier(metric.pods?.metric, `${field}.metric`), ...checks];
    case 'resource':
    case 'containerResource': {
      const errors: FieldError[] = [];
      if (!metric[source]?.name) {
        errors.push(required(`${field}.name`, 'must specify a resource name'));
      }
      if (source === 'containerResource' && !metric.containerResource?.container) {
        errors.push(required(`${field}.container`, 'must specify a container'));
      }
      if (!has('averageUtilization') && !has('averageValue')) {
        const why = 'must set either a target raw value or a target utilization';
        checks.push(required(`${at}.averageUtilization`, why));
      }
      if (has('averageUtilization') && has('averageValue')) {
        const why = 'may not set both a target raw value and a target utilization';
        checks.push(forbidden(`${at}.averageValue`, why));
      }
      return [...errors, ...checks];
    }
    default:
      throw new TypeError(`no such source: ${source satisfies never}`);
  }
}

function validateTarget(target: MetricTarget | undefined, field: string): FieldError[] {
  const { type, value, averageValue, averageUtilization: utilization } = target ?? {};
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${field}.type`, 'must specify a metric target type'));
  if (!['AverageValue', 'Utilization', 'Value'].includes(type ?? '')) {
    const why = 'must be either Utilization, Value, or AverageValue';
    errors.push(invalidValue(`${field}.type`, type ?? '', why));
  }
  for (const [name, amount] of Object.entries({ value, averageValue })) {
    if (amount !== undefined && (milliValue(amount) ?? 0) <= 0) {
      errors.push(invalidValue(`${field}.${name}`, amount, 'must be positive'));
    }
  }
  if (utilization !== undefined && utilization < 1) {
    const why = 'must be greater than 0';
    errors.push(invalidValue(`${field}.averageUtilization`, utilization, why));
  }
  return errors;
}

function validateIdentifier(metric: MetricIdentifier | undefined, field: string): FieldError[] {
  const { name, selector } = metric ?? {};
  const errors = name
    ? eachInvalid(`${field}.name`, name, pathSegmentName(name))
    : [required(`${field}.name`, 'must specify a metric name')];
  return [...errors, ...validateSelector(selector, `${field}.selector`)];
}

/** The workload that is scaled, or the object that is measured. */
export function validateReference(
  reference: CrossVersionObjectReference,
  field: string,
): FieldError[] {
  return (['kind', 'name'] as const).flatMap((key) => {
    const text = reference[key];
    return text
      ? eachInvalid(`${field}.${key}`, text, pathSegmentName(text))
      : [required(`${field}.${key}`)];
  });
}
