import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from 'kubernetes-types/core/v1.js';

import { eachInvalid, type FieldError, forbidden, invalidValue, required } from '../field-error.ts';
import { labelName, labelValueText, qualifiedName, subdomainName } from './names.ts';
import { validateSelector } from './selectors.ts';

/** Which nodes and which neighbours a Pod wants. */
export function validateAffinity(affinity: Affinity | undefined, field: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  const needed = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...validateNodeSelector(needed, `${field}.nodeAffinity.${REQUIRED}`),
    ...preferred.flatMap(({ weight, preference }, index) => {
      const at = `${field}.nodeAffinity.${PREFERRED}[${index}]`;
      return [
        ...validateWeight(weight, `${at}.weight`),
        ...validateTerm(preference, `${at}.preference`, false),
      ];
    }),
    ...validatePodAffinity(podAffinity, `${field}.podAffinity`),
    ...validatePodAffinity(podAntiAffinity, `${field}.podAntiAffinity`),
  ];
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function validateWeight(weight: number, field: string): FieldError[] {
  return weight >= 1 && weight <= 100
    ? []
    : [invalidValue(field, weight, 'must be in the range 1-100')];
}

function validateNodeSelector(selector: NodeSelector | undefined, field: string): FieldError[] {
  if (!selector) return [];
  const at = `${field}.nodeSelectorTerms`;
  // `null` when left out: the field has no omitempty.
  const terms = (selector.nodeSelectorTerms as readonly NodeSelectorTerm[] | null) ?? [];
  if (terms.length === 0) return [required(at, 'must have at least one node selector term')];
  return terms.flatMap((term, index) => validateTerm(term, `${at}[${index}]`, true));
}

function validateTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  field: string,
  areValuesLabels: boolean,
): FieldError[] {
  return [
    ...matchExpressions.flatMap((requirement, index) =>
      validateExpression(requirement, `${field}.matchExpressions[${index}]`, areValuesLabels),
    ),
    ...matchFields.flatMap((requirement, index) =>
      validateFieldMatch(requirement, `${field}.matchFields[${index}]`),
    ),
  ];
}

function validateExpression(
  { key, operator, values = [] }: NodeSelectorRequirement,
  field: string,
  areValuesLabels: boolean,
): FieldError[] {
  return [
    ...validateOperator(operator, values, field),
    ...eachInvalid(`${field}.key`, key, qualifiedName(key)),
    ...(areValuesLabels
      ? values.flatMap((value, index) =>
          eachInvalid(`${field}.values[${index}]`, value, labelValueText(value)),
        )
      : []),
  ];
}

function validateOperator(
  operator: string,
  values: readonly string[],
  field: string,
): FieldError[] {
  const at = `${field}.values`;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [required(at, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      return values.length === 1
        ? []
        : [required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [invalidValue(`${field}.operator`, operator, 'not a valid selector operator')];
  }
}

function validateFieldMatch(
  { key, operator, values = [] }: NodeSelectorRequirement,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'));
  } else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${field}.values`, why));
  }
  if (key !== 'metadata.name') {
    return [...errors, invalidValue(`${field}.key`, key, 'not a valid field selector key')];
  }
  return [
    ...errors,
    ...values.flatMap((value, index) =>
      eachInvalid(`${field}.values[${index}]`, value, subdomainName(value)),
    ),
  ];
}

function validatePodAffinity(affinity: PodAffinity | undefined, field: string): FieldError[] {
  const needed = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...needed.flatMap((term, index) => validateNeighbour(term, `${field}.${REQUIRED}[${index}]`)),
    ...preferred.flatMap(({ weight, podAffinityTerm }, index) => {
      const at = `${field}.${PREFERRED}[${index}]`;
      return [
        ...validateWeight(weight, `${at}.weight`),
        ...validateNeighbour(podAffinityTerm, `${at}.podAffinityTerm`),
      ];
    }),
  ];
}

function validateNeighbour(
  { labelSelector, namespaceSelector, namespaces = [], topologyKey }: PodAffinityTerm,
  field: string,
): FieldError[] {
  return [
    ...validateSelector(labelSelector, `${field}.labelSelector`),
    ...validateSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...namespaces.flatMap((name) => eachInvalid(`${field}.namespace`, name, labelName(name))),
    ...(topologyKey ? [] : [required(`${field}.topologyKey`, 'can not be empty')]),
    ...eachInvalid(`${field}.topologyKey`, topologyKey, qualifiedName(topologyKey)),
  ];
}
