import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from 'kubernetes-types/rbac/v1.js';

import {
  eachInvalid,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { pathSegmentName, subdomainName } from './names.ts';
import { validateSelector } from './selectors.ts';

const rbac = 'rbac.authorization.k8s.io';

export function validateRole({ rules }: Role): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validateRule(rule, `rules[${index}]`, true));
}

export function validateClusterRole({ rules, aggregationRule }: ClusterRole): FieldError[] {
  const errors = (rules ?? []).flatMap((rule, index) =>
    validateRule(rule, `rules[${index}]`, false),
  );
  if (!aggregationRule) return errors;
  const field = 'aggregationRule.clusterRoleSelectors';
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    return [
      ...errors,
      required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil'),
    ];
  }
  return [
    ...errors,
    ...selectors.flatMap((selector, index) => validateSelector(selector, `${field}[${index}]`)),
  ];
}

function validateRule(rule: PolicyRule, field: string, isNamespaced: boolean): FieldError[] {
  const { verbs, apiGroups = [], resources = [], nonResourceURLs = [] } = rule;
  const errors =
    ((verbs as readonly string[] | null) ?? []).length === 0
      ? [required(`${field}.verbs`, 'verbs must contain at least one value')]
      : [];
  if (nonResourceURLs.length > 0) {
    const at = `${field}.nonResourceURLs`;
    if (isNamespaced) {
      const why = 'namespaced rules cannot apply to non-resource URLs';
      errors.push(invalidValue(at, nonResourceURLs, why));
    }
    if (apiGroups.length > 0 || resources.length > 0 || (rule.resourceNames ?? []).length > 0) {
      const why = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalidValue(at, nonResourceURLs, why));
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    const why = 'resource rules must supply at least one api group';
    errors.push(required(`${field}.apiGroups`, why));
  }
  if (resources.length === 0) {
    const why = 'resource rules must supply at least one resource';
    errors.push(required(`${field}.resources`, why));
  }
  return errors;
}

export function validateRoleBinding(binding: RoleBinding): FieldError[] {
  return validateBinding(binding, ['Role', 'ClusterRole'], true);
}

export function validateClusterRoleBinding(binding: ClusterRoleBinding): FieldError[] {
  return validateBinding(binding, ['ClusterRole'], false);
}

function validateBinding(
  { roleRef, subjects }: Pick<RoleBinding, 'roleRef' | 'subjects'>,
  kinds: readonly string[],
  isNamespaced: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if (roleRef.apiGroup !== rbac) {
    errors.push(notSupported('roleRef.apiGroup', roleRef.apiGroup, [rbac]));
  }
  if (!kinds.includes(roleRef.kind)) errors.push(notSupported('roleRef.kind', roleRef.kind, kinds));
  if (!roleRef.name) errors.push(required('roleRef.name'));
  else errors.push(...eachInvalid('roleRef.name', roleRef.name, pathSegmentName(roleRef.name)));
  return [
    ...errors,
    ...(subjects ?? []).flatMap((subject, index) =>
      validateSubject(subject, `subjects[${index}]`, isNamespaced),
    ),
  ];
}

function validateSubject(subject: Subject, field: string, isNamespaced: boolean): FieldError[] {
  const { kind, name, namespace, apiGroup = '' } = subject;
  const errors = name ? [] : [required(`${field}.name`)];
  switch (kind) {
    case 'ServiceAccount':
      if (name) errors.push(...eachInvalid(`${field}.name`, name, subdomainName(name)));
      if (apiGroup !== '') errors.push(notSupported(`${field}.apiGroup`, apiGroup, ['']));
      if (!isNamespaced && !namespace) errors.push(required(`${field}.namespace`));
      return errors;
    case 'User':
    case 'Group':
      return apiGroup === rbac
        ? errors
        : [...errors, notSupported(`${field}.apiGroup`, apiGroup, [rbac])];
    default:
      return [...errors, notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  }
}

/** Whom a role is given to may change, which role it is may not. */
export function validateBindingUpdate(next: RoleBinding, previous: RoleBinding): FieldError[] {
  return isEqual(next.roleRef, previous.roleRef)
    ? []
    : [invalidValue('roleRef', next.roleRef, 'cannot change roleRef')];
}
