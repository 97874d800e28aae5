import type {
  RuleWithOperations,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from 'kubernetes-types/admissionregistration/v1.js';

import {
  duplicate,
  eachInvalid,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { subdomainName } from './names.ts';
import { validateSelector } from './selectors.ts';
import { validateClientConfig } from './webhook-client.ts';

/** The fields that webhooks of both kinds share; `reinvocationPolicy` is of the mutating ones. */
type Webhook = ValidatingWebhook & { readonly reinvocationPolicy?: string };

export function validateWebhooks({
  webhooks = [],
}: Pick<ValidatingWebhookConfiguration, 'webhooks'>): FieldError[] {
  const names = new Set<string>();
  return webhooks.flatMap((webhook, index) => {
    const field = `webhooks[${index}]`;
    const { name, admissionReviewVersions: versions } = webhook;
    const errors = [
      ...validateWebhook(webhook, field),
      ...validateVersions(versions ?? [], `${field}.admissionReviewVersions`),
    ];
    if (name && names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    return errors;
  });
}

function validateWebhook(webhook: Webhook, field: string): FieldError[] {
  const { name, rules = [], sideEffects, timeoutSeconds: timeout } = webhook;
  const errors = [
    ...validateFullName(name, `${field}.name`),
    ...rules.flatMap((rule, index) => validateRule(rule, `${field}.rules[${index}]`)),
    ...among(webhook.failurePolicy, `${field}.failurePolicy`, ['Fail', 'Ignore']),
    ...among(webhook.matchPolicy, `${field}.matchPolicy`, ['Equivalent', 'Exact']),
  ];
  if (!sideEffects) {
    errors.push(required(`${field}.sideEffects`, 'must specify one of None, NoneOnDryRun'));
  } else errors.push(...among(sideEffects, `${field}.sideEffects`, ['None', 'NoneOnDryRun']));
  if (timeout !== undefined && (timeout < 1 || timeout > 30)) {
    const why = 'the timeout value must be between 1 and 30 seconds';
    errors.push(invalidValue(`${field}.timeoutSeconds`, timeout, why));
  }
  return [
    ...errors,
    ...validateSelector(webhook.namespaceSelector, `${field}.namespaceSelector`),
    ...validateSelector(webhook.objectSelector, `${field}.objectSelector`),
    ...validateClientConfig(webhook.clientConfig ?? {}, `${field}.clientConfig`),
    ...among(webhook.reinvocationPolicy, `${field}.reinvocationPolicy`, ['IfNeeded', 'Never']),
  ];
}

function validateFullName(name: string, field: string): FieldError[] {
  if (!name) return [required(field)];
  const wrong = eachInvalid(field, name, subdomainName(name));
  if (wrong.length > 0 || name.split('.').length > 2) return wrong;
  return [
    invalidValue(field, name, 'should be a domain with at least three segments separated by dots'),
  ];
}

const reviewVersions = ['v1', 'v1beta1'];
const versionLabel = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;

function validateVersions(versions: readonly string[], field: string): FieldError[] {
  const list = reviewVersions.join(', ');
  if (versions.length === 0) return [required(field, `must specify one of ${list}`)];
  const errors = versions.flatMap((version, index) => {
    const at = `${field}[${index}]`;
    if (versions.indexOf(version) < index) return [invalidValue(at, version, 'duplicate version')];
    return versionLabel.test(version)
      ? []
      : [
          invalidValue(
            at,
            version,
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
          ),
        ];
  });
  if (versions.some((version) => reviewVersions.includes(version))) return errors;
  return [...errors, invalidValue(field, versions, `must include at least one of ${list}`)];
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/** `kubernetes-types` leaves the rule's own half out. */
type Rule = RuleWithOperations & {
  readonly resources?: readonly string[];
  readonly scope?: string;
};

function validateRule(rule: Rule, field: string): FieldError[] {
  const errors = validateWild(rule.operations, `${field}.operations`, 'operations');
  for (const [index, operation] of (rule.operations ?? []).entries()) {
    errors.push(...among(operation, `${field}.operations[${index}]`, operations));
  }
  return [
    ...errors,
    ...validateWild(rule.apiGroups, `${field}.apiGroups`, 'API groups'),
    ...validateWild(rule.apiVersions, `${field}.apiVersions`, 'API versions'),
    ...emptyOnes(rule.apiVersions, `${field}.apiVersions`),
    ...validateResources(rule.resources ?? [], `${field}.resources`),
    ...among(rule.scope, `${field}.scope`, ['*', 'Cluster', 'Namespaced']),
  ];
}

function validateWild(
  values: readonly string[] | undefined,
  field: string,
  what: string,
): FieldError[] {
  if (!values || values.length === 0) return [required(field)];
  return values.length > 1 && values.includes('*')
    ? [invalidValue(field, values, `if '*' is present, must not specify other ${what}`)]
    : [];
}

function emptyOnes(values: readonly string[] | undefined, field: string): FieldError[] {
  return (values ?? []).flatMap((value, index) => (value ? [] : [required(`${field}[${index}]`)]));
}

function validateResources(resources: readonly string[], field: string): FieldError[] {
  if (resources.length === 0) return [required(field)];
  const errors = emptyOnes(resources, field);
  const seen = new Set<string>();
  for (const [index, text] of resources.entries()) {
    const [resource = '', sub] = text.split(/\/(.*)/s);
    if (sub === undefined) continue;
    for (const wild of [`${resource}/*`, `*/${sub}`]) {
      if (!seen.has(wild)) continue;
      const why = `if '${wild}' is present, must not specify ${text}`;
      errors.push(invalidValue(`${field}[${index}]`, text, why));
    }
    seen.add(text);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(
      invalidValue(field, resources, "if '*/*' is present, must not specify other resources"),
    );
  }
  if (resources.includes('*') && resources.some((one) => one !== '*' && !one.includes('/'))) {
    const why = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalidValue(field, resources, why));
  }
  return errors;
}

function among(
  value: string | undefined,
  field: string,
  supported: readonly string[],
): FieldError[] {
  return value === undefined || supported.includes(value)
    ? []
    : [notSupported(field, value, supported)];
}
