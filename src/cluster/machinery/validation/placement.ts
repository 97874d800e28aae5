import type { Toleration, TopologySpreadConstraint } from 'kubernetes-types/core/v1.js';

import {
  duplicate,
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { labelValueText, qualifiedName } from './names.ts';
import { validateSelector } from './selectors.ts';

const actions = ['DoNotSchedule', 'ScheduleAnyway'];
const inclusion = ['Honor', 'Ignore'];

/** How Pods are to be spread. */
export function validateSpread(
  constraints: readonly (TopologySpreadConstraint & {
    readonly minDomains?: number;
    readonly nodeAffinityPolicy?: string;
    readonly nodeTaintsPolicy?: string;
    readonly matchLabelKeys?: readonly string[];
  })[],
  field: string,
): FieldError[] {
  return constraints.flatMap((constraint, index) => {
    const { maxSkew, topologyKey, whenUnsatisfiable: action, minDomains } = constraint;
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (maxSkew <= 0) errors.push(invalidValue(`${at}.maxSkew`, maxSkew, notPositive));
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    if (!actions.includes(action)) {
      errors.push(notSupported(`${at}.whenUnsatisfiable`, action, actions));
    }
    const isRepeated = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === action);
    if (isRepeated) {
      const pair = `{${topologyKey}, ${action}}`;
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    }
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(invalidValue(`${at}.minDomains`, minDomains, notPositive));
      if (action !== 'DoNotSchedule') {
        const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`;
        errors.push(invalidValue(`${at}.minDomains`, minDomains, why));
      }
    }
    for (const key of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[key];
      if (policy !== undefined && !inclusion.includes(policy)) {
        errors.push(notSupported(`${at}.${key}`, policy, inclusion));
      }
    }
    const keys = constraint.matchLabelKeys ?? [];
    if (keys.length > 0 && !constraint.labelSelector) {
      const why = 'must not be specified when labelSelector is not set';
      errors.push(forbidden(`${at}.matchLabelKeys`, why));
    }
    return [
      ...errors,
      ...keys.flatMap((key, number) =>
        eachInvalid(`${at}.matchLabelKeys[${number}]`, key, qualifiedName(key)),
      ),
      ...validateSelector(constraint.labelSelector, `${at}.labelSelector`),
    ];
  });
}

const notPositive = 'must be greater than zero';
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(
  tolerations: readonly Toleration[],
  field: string,
): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const { key, operator = 'Equal', value = '', effect, tolerationSeconds } = toleration;
    const at = `${field}[${index}]`;
    const errors = key ? eachInvalid(`${at}.key`, key, qualifiedName(key)) : [];
    if (!key && operator !== 'Exists') {
      const why =
        'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalidValue(`${at}.operator`, toleration.operator ?? '', why));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const why = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(invalidValue(`${at}.effect`, effect ?? '', why));
    }
    if (operator === 'Equal') {
      const wrong = labelValueText(value);
      if (wrong.length > 0) errors.push(invalidValue(`${at}.operator`, value, wrong.join(';')));
    } else if (operator !== 'Exists') {
      errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    } else if (value !== '') {
      const why = "value must be empty when `operator` is 'Exists'";
      errors.push(invalidValue(`${at}.operator`, value, why));
    }
    if (effect && !effects.includes(effect)) {
      errors.push(notSupported(`${at}.effect`, effect, effects));
    }
    return errors;
  });
}
