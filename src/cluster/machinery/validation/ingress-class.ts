import type { IngressClass } from 'kubernetes-types/networking/v1.js';

import {
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../field-error.ts';
import { immutable } from './metadata.ts';
import { labelName, subdomainName } from './names.ts';

const maxController = 250;

export function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const { controller = '', parameters } = spec ?? {};
  const field = 'spec.controller';
  const errors = controller.length > maxController ? [tooLong(field, maxController)] : [];
  if (controller === '') errors.push(required(field));
  else {
    const [domain = '', path = ''] = controller.split(/\/(.*)/s);
    if (domain === '' || path === '') {
      const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
      errors.push(invalidValue(field, controller, why));
    } else errors.push(...eachInvalid(field, domain, subdomainName(domain)));
  }
  return parameters ? [...errors, ...validateParameters(parameters)] : errors;
}

type Parameters = NonNullable<NonNullable<IngressClass['spec']>['parameters']>;

function validateParameters({ kind, name, scope, namespace }: Parameters): FieldError[] {
  const field = 'spec.parameters';
  const errors: FieldError[] = [];
  if (!kind) errors.push(required(`${field}.kind`, 'kind is required'));
  if (!name) errors.push(required(`${field}.name`, 'name is required'));
  if (!scope) return [...errors, required(`${field}.scope`)];
  const scopes = ['Cluster', 'Namespace'];
  if (!scopes.includes(scope)) errors.push(notSupported(`${field}.scope`, scope, scopes));
  const at = `${field}.namespace`;
  const why = `\`parameters.scope\` is set to '${scope}'`;
  if (scope === 'Cluster' && namespace !== undefined) errors.push(forbidden(at, why));
  if (scope === 'Namespace') {
    errors.push(
      ...(namespace ? eachInvalid(at, namespace, labelName(namespace)) : [required(at, why)]),
    );
  }
  return errors;
}

/** Another controller is another class. */
export function validateIngressClassUpdate(
  next: IngressClass,
  previous: IngressClass,
): FieldError[] {
  const controller = next.spec?.controller ?? '';
  return controller === (previous.spec?.controller ?? '')
    ? []
    : [immutable('spec.controller', controller)];
}
