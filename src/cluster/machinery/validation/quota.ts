import type { LimitRange, LimitRangeItem, ResourceQuota } from 'kubernetes-types/core/v1.js';

import { milliValue } from '../codec/quantity.ts';
import {
  duplicate,
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  required,
} from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { immutable } from './metadata.ts';
import { nonNegative, qualifiedName } from './names.ts';

const countable = new Set([
  'configmaps',
  'cpu',
  'ephemeral-storage',
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'memory',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
  'requests.storage',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
]);
const scopes = new Set([
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'Terminating',
  'VolumeAttributesClass',
]);
const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['NotTerminating', 'Terminating'],
] as const;

export function validateResourceQuota({ spec }: ResourceQuota): FieldError[] {
  const { hard = {}, scopes: given = [] } = spec ?? {};
  const errors = Object.entries(hard).flatMap(([name, amount]) =>
    validateHard(name, amount, `spec.hard[${name}]`),
  );
  const field = 'spec.scopes';
  for (const scope of given) {
    if (!scopes.has(scope)) errors.push(invalidValue(field, given, 'unsupported scope'));
  }
  if (contradictions.some((pair) => pair.every((scope) => given.includes(scope)))) {
    errors.push(invalidValue(field, given, 'conflicting scopes'));
  }
  return errors;
}

function validateHard(name: string, amount: string, field: string): FieldError[] {
  const errors = eachInvalid(field, name, qualifiedName(name));
  const isOwnCount = /^(?:hugepages-|requests\.hugepages-)/.test(name);
  if (errors.length === 0 && !name.includes('/') && !countable.has(name) && !isOwnCount) {
    // Upstream has two rules for it, and what is of no standard at all breaks both.
    errors.push(
      invalidValue(field, name, 'must be a standard resource type or fully qualified'),
      invalidValue(field, name, 'must be a standard resource for quota'),
    );
  }
  if ((milliValue(amount) ?? 0) < 0) errors.push(invalidValue(field, amount, nonNegative));
  return errors;
}

/** A quota counts the same Pods for as long as it lives. */
export function validateResourceQuotaUpdate(
  next: ResourceQuota,
  previous: ResourceQuota,
): FieldError[] {
  const of = ({ spec }: ResourceQuota) => [...new Set(spec?.scopes)].sort();
  return isEqual(of(next), of(previous)) ? [] : [immutable('spec.scopes', next.spec?.scopes)];
}

const limitTypes = new Set(['Container', 'PersistentVolumeClaim', 'Pod']);

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  // `null` when left out: the field has no omitempty.
  const limits = (spec?.limits as LimitRangeItem[] | null | undefined) ?? [];
  return limits.flatMap((limit, index) => {
    const field = `spec.limits[${index}]`;
    const { type } = limit;
    const errors = eachInvalid(`${field}.type`, type, qualifiedName(type));
    if (errors.length === 0 && !type.includes('/') && !limitTypes.has(type)) {
      const why = 'must be a standard limit type or fully qualified';
      errors.push(invalidValue(`${field}.type`, type, why));
    }
    if (limits.findIndex((other) => other.type === type) < index) {
      errors.push(duplicate(`${field}.type`, type));
    }
    if (type === 'Pod') errors.push(...validateNoDefaults(limit, field));
    if (type === 'PersistentVolumeClaim' && !limit.min?.['storage'] && !limit.max?.['storage']) {
      const why = 'either minimum or maximum storage value is required, but neither was provided';
      errors.push(required(`${field}.limits`, why));
    }
    const { default: _default, defaultRequest: _request, ...bounds } = limit;
    const compared: LimitRangeItem = type === 'Pod' ? bounds : limit;
    const names = new Set(lists.flatMap((list) => Object.keys(compared[list] ?? {})));
    return [...errors, ...[...names].sort().flatMap((name) => compare(compared, name, field))];
  });
}

const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

function validateNoDefaults(limit: LimitRangeItem, field: string): FieldError[] {
  return (['default', 'defaultRequest'] as const)
    .filter((list) => Object.keys(limit[list] ?? {}).length > 0)
    .map((list) => forbidden(`${field}.${list}`, "may not be specified when `type` is 'Pod'"));
}

const texts = {
  min: 'min value',
  max: 'max value',
  default: 'default value',
  defaultRequest: 'default request value',
} as const;

type Bound = keyof typeof texts;

/** Which must not be above which; the objection is to `at`, and shows the value of `shown`. */
const orders: readonly {
  readonly low: Bound;
  readonly high: Bound;
  readonly at: Bound;
  readonly shown: Bound;
  readonly highText?: string;
}[] = [
  { low: 'min', high: 'max', at: 'min', shown: 'min' },
  { low: 'min', high: 'defaultRequest', at: 'defaultRequest', shown: 'defaultRequest' },
  { low: 'defaultRequest', high: 'max', at: 'defaultRequest', shown: 'defaultRequest' },
  {
    low: 'defaultRequest',
    high: 'default',
    at: 'defaultRequest',
    shown: 'defaultRequest',
    highText: 'default limit value',
  },
  { low: 'min', high: 'default', at: 'default', shown: 'min' },
  { low: 'default', high: 'max', at: 'default', shown: 'max' },
];

function compare(limit: LimitRangeItem, name: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const { low, high, at, shown, highText = texts[high] } of orders) {
    const [below, above] = [limit[low]?.[name], limit[high]?.[name]];
    if (below === undefined || above === undefined) continue;
    if ((milliValue(below) ?? 0) <= (milliValue(above) ?? 0)) continue;
    const why = `${texts[low]} ${below} is greater than ${highText} ${above}`;
    errors.push(invalidValue(`${field}.${at}[${name}]`, limit[shown]?.[name], why));
  }
  const ratio = limit.maxLimitRequestRatio?.[name];
  if (ratio === undefined) return errors;
  const at = `${field}.maxLimitRequestRatio[${name}]`;
  const value = milliValue(ratio) ?? 0;
  if (value < 1000) errors.push(invalidValue(at, ratio, `ratio ${ratio} is less than 1`));
  const [min, max] = [milliValue(limit.min?.[name] ?? ''), milliValue(limit.max?.[name] ?? '')];
  if (min && max && value / 1000 > max / min) {
    const most = (max / min).toFixed(6);
    errors.push(invalidValue(at, ratio, `ratio ${ratio} is greater than max/min = ${most}`));
  }
  return errors;
}
