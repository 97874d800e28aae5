import type { ResourceRequirements } from 'kubernetes-types/core/v1.js';

import { canonicalQuantity, milliValue } from '../codec/quantity.ts';
import { eachInvalid, type FieldError, invalidValue, required } from '../field-error.ts';
import { nonNegative, qualifiedName } from './names.ts';

/** Requests and limits of a container. */
export function validateResources(
  resources: ResourceRequirements | undefined,
  field: string,
): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {};
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(limits)) {
    errors.push(...validateAmountOf(name, amount, `${field}.limits[${name}]`));
  }
  for (const [name, amount] of Object.entries(requests)) {
    errors.push(...validateAmountOf(name, amount, `${field}.requests[${name}]`));
    const limit = limits[name];
    if (limit === undefined) {
      if (!mayOvercommit(name)) {
        const why = 'Limit must be set for non overcommitable resources';
        errors.push(required(`${field}.limits`, why));
      }
      continue;
    }
    const excess = (milliValue(amount) ?? 0) - (milliValue(limit) ?? 0);
    const relation = mayOvercommit(name) ? 'less than or equal to' : 'equal to';
    if (excess > 0 || (excess !== 0 && !mayOvercommit(name))) {
      const why = `must be ${relation} ${name} limit of ${canonicalQuantity(limit)}`;
      errors.push(invalidValue(`${field}.requests`, canonicalQuantity(amount), why));
    }
  }
  return errors;
}

const ofContainers = new Set(['cpu', 'memory', 'ephemeral-storage']);
const ofQuotas = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'requests.storage',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
  'storage',
]);

function validateAmountOf(name: string, amount: string, field: string): FieldError[] {
  const errors = eachInvalid(field, name, qualifiedName(name));
  const isHugePages = name.startsWith('hugepages-');
  if (!name.includes('/') && !ofContainers.has(name) && !isHugePages) {
    const isKnown = ofQuotas.has(name) || /^(?:limits|requests)\./.test(name);
    if (!isKnown) {
      const why = 'must be a standard resource type or fully qualified';
      errors.push(invalidValue(field, name, why));
    }
    errors.push(invalidValue(field, name, 'must be a standard resource for containers'));
  }
  const value = milliValue(amount) ?? 0;
  if (value < 0) errors.push(invalidValue(field, amount, nonNegative));
  if (isExtended(name) && value % 1000 !== 0) {
    errors.push(invalidValue(field, amount, 'must be an integer'));
  }
  return errors;
}

function mayOvercommit(name: string): boolean {
  return !isExtended(name) && !name.startsWith('hugepages-');
}

/** What a device plugin offers: `example.com/gpu`. */
function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/');
}
