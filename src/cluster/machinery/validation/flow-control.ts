import type { FlowSchema, PriorityLevelConfiguration } from 'kubernetes-types/flowcontrol/v1.js';

import {
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { labelName, subdomainName } from './names.ts';

const maxPrecedence = 10_000;

export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  if (!spec) return [];
  const { matchingPrecedence: precedence = 1000, distinguisherMethod, rules = [] } = spec;
  const errors: FieldError[] = [];
  const at = 'spec.matchingPrecedence';
  if (precedence <= 0) errors.push(invalidValue(at, precedence, 'must be a positive value'));
  if (precedence > maxPrecedence) {
    errors.push(invalidValue(at, precedence, `must not be greater than ${maxPrecedence}`));
  }
  if (precedence === 1 && metadata?.name !== 'exempt') {
    const why = "only the schema named 'exempt' may have matchingPrecedence 1";
    errors.push(invalidValue(at, precedence, why));
  }
  const methods = ['ByNamespace', 'ByUser'];
  if (distinguisherMethod && !methods.includes(distinguisherMethod.type)) {
    errors.push(notSupported('spec.distinguisherMethod.type', distinguisherMethod, methods));
  }
  const level = spec.priorityLevelConfiguration?.name;
  const field = 'spec.priorityLevelConfiguration.name';
  return [
    ...errors,
    ...(level
      ? eachInvalid(field, level, subdomainName(level))
      : [required(field, 'must reference a priority level')]),
    ...rules.flatMap((rule, index) => validateRule(rule, `spec.rules[${index}]`)),
  ];
}

type Rule = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number];
type Subject = Rule['subjects'][number];

function validateRule(rule: Rule, field: string): FieldError[] {
  const { resourceRules = [], nonResourceRules = [] } = rule;
  // `null` when left out: the field has no omitempty.
  const subjects = (rule.subjects as Rule['subjects'] | null) ?? [];
  const errors =
    subjects.length === 0
      ? [required(`${field}.subjects`, 'subjects must contain at least one value')]
      : subjects.flatMap((subject, index) =>
          validateSubject(subject, `${field}.subjects[${index}]`),
        );
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    const why = 'at least one of resourceRules and nonResourceRules has to be non-empty';
    errors.push(required(field, why));
  }
  return [
    ...errors,
    ...resourceRules.flatMap((one, index) =>
      validateResourceRule(one, `${field}.resourceRules[${index}]`),
    ),
    ...nonResourceRules.flatMap(({ verbs, nonResourceURLs }, index) => {
      const at = `${field}.nonResourceRules[${index}]`;
      return [
        ...validateVerbs(verbs, `${at}.verbs`),
        ...validateWild(nonResourceURLs, `${at}.nonResourceURLs`, {
          whenEmpty: 'nonResourceURLs must contain at least one value',
          others: 'non-resource URLs',
        }),
      ];
    }),
  ];
}

const kinds = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;

function validateSubject(subject: Subject, field: string): FieldError[] {
  const { kind } = subject;
  const own = kinds[kind as keyof typeof kinds];
  if (own === undefined) return [notSupported(`${field}.kind`, kind, Object.keys(kinds))];
  const errors: FieldError[] = [];
  if (!subject[own]) {
    errors.push(required(`${field}.${own}`, `${own} is required when subject kind is '${kind}'`));
  } else {
    if (!subject[own].name) errors.push(required(`${field}.${own}.name`));
    if (own === 'serviceAccount' && !subject.serviceAccount?.namespace) {
      const why = 'must specify namespace for service account';
      errors.push(required(`${field}.serviceAccount.namespace`, why));
    }
  }
  for (const [otherKind, other] of [
    ['ServiceAccount', 'serviceAccount'],
    ['User', 'user'],
    ['Group', 'group'],
  ] as const) {
    if (other === own || !subject[other]) continue;
    const why = `${other} is forbidden when subject kind is not '${otherKind}'`;
    errors.push(forbidden(`${field}.${other}`, why));
  }
  return errors;
}

type ResourceRule = NonNullable<Rule['resourceRules']>[number];

function validateResourceRule(rule: ResourceRule, field: string): FieldError[] {
  const { verbs, apiGroups, resources, namespaces = [], clusterScope = false } = rule;
  const errors = [
    ...validateVerbs(verbs, `${field}.verbs`),
    ...validateWild(apiGroups, `${field}.apiGroups`, {
      whenEmpty: 'resource rules must supply at least one api group',
      others: 'api groups',
    }),
    ...validateWild(resources, `${field}.resources`, {
      whenEmpty: 'resource rules must supply at least one resource',
      others: 'resources',
    }),
  ];
  const at = `${field}.namespaces`;
  if (namespaces.length === 0) {
    const why = 'resource rules that are not cluster scoped must supply at least one namespace';
    return clusterScope ? errors : [...errors, required(at, why)];
  }
  if (namespaces.includes('*')) {
    return [...errors, ...validateWild(namespaces, at, { whenEmpty: '', others: 'namespaces' })];
  }
  const intro = "each member of this list must be '*' or a DNS-1123 label; ";
  return [
    ...errors,
    ...namespaces.flatMap((namespace, index) =>
      eachInvalid(
        `${at}[${index}]`,
        namespace,
        labelName(namespace).map((why) => intro + why),
      ),
    ),
  ];
}

const verbNames = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'proxy',
  'update',
  'watch',
];

function validateVerbs(given: readonly string[] | null, field: string): FieldError[] {
  const verbs = given ?? [];
  if (verbs.length > 0 && !verbs.includes('*') && verbs.some((one) => !verbNames.includes(one))) {
    return [notSupported(field, verbs, verbNames)];
  }
  return validateWild(verbs, field, {
    whenEmpty: 'verbs must contain at least one value',
    others: 'verbs',
  });
}

function validateWild(
  given: readonly string[] | null | undefined,
  field: string,
  { whenEmpty, others }: { readonly whenEmpty: string; readonly others: string },
): FieldError[] {
  const values = given ?? [];
  if (values.length === 0) return [required(field, whenEmpty)];
  return values.length > 1 && values.includes('*')
    ? [invalidValue(field, values, `if '*' is present, must not specify other ${others}`)]
    : [];
}

export function validatePriorityLevel({ spec }: PriorityLevelConfiguration): FieldError[] {
  const { type = '', limited, exempt } = spec ?? {};
  switch (type) {
    case 'Exempt':
      return limited ? [forbidden('spec.limited', 'must be nil if the type is not Limited')] : [];
    case 'Limited':
      return [
        ...(exempt ? [forbidden('spec.exempt', 'must be nil if the type is Limited')] : []),
        ...(limited ? [] : [required('spec.limited', 'must not be empty when type is Limited')]),
      ];
    default:
      return [notSupported('spec.type', type, ['Exempt', 'Limited'])];
  }
}
