import { isIP } from 'node:net';

import type { HTTPIngressPath, Ingress, IngressBackend } from 'kubernetes-types/networking/v1.js';
import type { RuntimeClass } from 'kubernetes-types/node/v1.js';

import {
  eachInvalid,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { immutable } from './metadata.ts';
import { labelName, portName, portNumber, subdomainName } from './names.ts';

export function validateIngress({ spec }: Ingress): FieldError[] {
  const { defaultBackend, rules = [], ingressClassName } = spec ?? {};
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) {
    const why = 'either `defaultBackend` or `rules` must be specified';
    errors.push(invalidValue('spec', spec ?? {}, why));
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, 'spec.defaultBackend'));
  for (const [index, { host, http }] of rules.entries()) {
    const at = `spec.rules[${index}]`;
    if (host) errors.push(...validateHost(host, `${at}.host`));
    if (!http) continue;
    // `null` when left out: the field has no omitempty.
    const paths = (http.paths as readonly HTTPIngressPath[] | null) ?? [];
    if (paths.length === 0) errors.push(required(`${at}.http.paths`));
    errors.push(
      ...paths.flatMap((path, number) => validatePath(path, `${at}.http.paths[${number}]`)),
    );
  }
  if (ingressClassName) {
    const wrong = subdomainName(ingressClassName);
    errors.push(...eachInvalid('spec.ingressClassName', ingressClassName, wrong));
  }
  return errors;
}

function validateHost(host: string, field: string): FieldError[] {
  if (isIP(host) !== 0) {
    return [invalidValue(field, host, 'must be a DNS name, not an IP address')];
  }
  return eachInvalid(field, host, subdomainName(host.replace(/^\*\./, '')));
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const inside = ['//', '/./', '/../', '%2f', '%2F'];
const atTheEnd = ['/..', '/.'];

function validatePath(
  { path = '', pathType, backend }: HTTPIngressPath,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const isAbsolute = path.startsWith('/');
  if (!pathType) errors.push(required(`${field}.pathType`, 'pathType must be specified'));
  else if (!pathTypes.includes(pathType)) {
    errors.push(notSupported(`${field}.pathType`, pathType, pathTypes));
  } else if (!isAbsolute && (pathType !== 'ImplementationSpecific' || path !== '')) {
    errors.push(invalidValue(`${field}.path`, path, 'must be an absolute path'));
  }
  if (pathType === 'Exact' || pathType === 'Prefix') {
    for (const part of inside.filter((one) => path.includes(one))) {
      errors.push(invalidValue(`${field}.path`, path, `must not contain '${part}'`));
    }
    for (const end of atTheEnd.filter((one) => path.endsWith(one))) {
      errors.push(invalidValue(`${field}.path`, path, `cannot end with '${end}'`));
    }
  }
  return [...errors, ...validateBackend(backend, `${field}.backend`)];
}

function validateBackend({ resource, service }: IngressBackend, field: string): FieldError[] {
  if (resource && service) {
    return [invalidValue(field, '', 'cannot set both resource and service backends')];
  }
  if (!service) {
    return resource ? [] : [invalidValue(field, '', 'resource or service backend is required')];
  }
  const { name, number } = service.port ?? {};
  const at = `${field}.service`;
  const errors = service.name
    ? eachInvalid(`${at}.name`, service.name, labelName(service.name))
    : [required(`${at}.name`)];
  if (name && number) {
    return [...errors, invalidValue(field, '', 'cannot set both port name & port number')];
  }
  if (name) return [...errors, ...eachInvalid(`${at}.port.name`, name, portName(name))];
  return [
    ...errors,
    ...(number
      ? eachInvalid(`${at}.port.number`, number, portNumber(number))
      : [required(field, 'port name or number is required')]),
  ];
}

export function validateRuntimeClass({ handler }: RuntimeClass): FieldError[] {
  return eachInvalid('handler', handler, labelName(handler));
}

export function validateRuntimeClassUpdate(
  next: RuntimeClass,
  previous: RuntimeClass,
): FieldError[] {
  return next.handler === previous.handler ? [] : [immutable('handler', next.handler)];
}
