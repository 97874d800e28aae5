import type {
  EnvFromSource,
  EnvVar,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from 'kubernetes-types/core/v1.js';

import {
  eachInvalid,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { configMapKey, environmentName, qualifiedName, subdomainName } from './names.ts';

/** Variables of a container. */
export function validateEnvironment(variables: readonly EnvVar[], field: string): FieldError[] {
  return variables.flatMap((variable, index) => {
    const { name } = variable;
    const at = `${field}[${index}]`;
    return [
      ...(name ? eachInvalid(`${at}.name`, name, environmentName(name)) : [required(`${at}.name`)]),
      ...validateValueFrom(variable, `${at}.valueFrom`),
    ];
  });
}

const variableFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

function validateValueFrom({ value, valueFrom }: EnvVar, field: string): FieldError[] {
  if (!valueFrom) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, `${field}.fieldRef`, variableFields));
  if (resourceFieldRef) {
    errors.push(...validateResourceRef(resourceFieldRef, `${field}.resourceFieldRef`, false));
  }
  if (configMapKeyRef) errors.push(...validateKeyRef(configMapKeyRef, `${field}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...validateKeyRef(secretKeyRef, `${field}.secretKeyRef`));
  const sources = Object.keys(valueFrom).length;
  if (sources === 0) {
    errors.push(
      invalidValue(
        field,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    );
  } else if (value) {
    errors.push(invalidValue(field, '', 'may not be specified when `value` is not empty'));
  } else if (sources > 1) {
    errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

function validateKeyRef(
  { name = '', key }: { readonly name?: string; readonly key: string },
  field: string,
): FieldError[] {
  return [
    ...eachInvalid(`${field}.name`, name, subdomainName(name)),
    ...(key ? eachInvalid(`${field}.key`, key, configMapKey(key)) : [required(`${field}.key`)]),
  ];
}

/** A field of the Pod, one of `known` or one label or annotation. */
export function validateFieldRef(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  field: string,
  known: readonly string[],
): FieldError[] {
  if (!apiVersion) return [required(`${field}.apiVersion`)];
  if (!fieldPath) return [required(`${field}.fieldPath`)];
  const [, path = fieldPath, subscript] = /^([^[]+)\['(.*)'\]$/.exec(fieldPath) ?? [];
  if (apiVersion !== 'v1') {
    const why = `error converting fieldPath: unsupported pod version: ${apiVersion}`;
    return [invalidValue(`${field}.fieldPath`, fieldPath, why)];
  }
  if (!convertible.has(path)) {
    const why = `error converting fieldPath: field label not supported: ${path}`;
    return [invalidValue(`${field}.fieldPath`, fieldPath, why)];
  }
  if (subscript === undefined) {
    return known.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, known)];
  }
  switch (path) {
    case 'metadata.annotations':
      return eachInvalid(field, subscript.toLowerCase(), qualifiedName(subscript.toLowerCase()));
    case 'metadata.labels':
      return eachInvalid(field, subscript, qualifiedName(subscript));
    default:
      return [invalidValue(field, path, 'does not support subscript')];
  }
}

const convertible = new Set([
  ...variableFields,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

const containerResources = ['cpu', 'ephemeral-storage', 'memory'].flatMap((name) => [
  `limits.${name}`,
  `requests.${name}`,
]);
const supportedResources = containerResources.toSorted();
const byteDivisors =
  '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the';

/** A request or limit of a container; of which one has to be said in a volume. */
export function validateResourceRef(
  { containerName, resource, divisor }: ResourceFieldSelector,
  field: string,
  isInVolume: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if (isInVolume && !containerName) errors.push(required(`${field}.containerName`));
  else if (!resource) errors.push(required(`${field}.resource`));
  else if (
    !containerResources.includes(resource) &&
    !/^(?:limits|requests)\.hugepages-/.test(resource)
  ) {
    errors.push(notSupported(`${field}.resource`, resource, supportedResources));
  }
  if (divisor === undefined || divisor === '0') return errors;
  const kinds: readonly [RegExp, RegExp, string][] = [
    [/\.cpu$/, /^1m?$/, '1m and 1 are supported with the cpu resource'],
    [/\.memory$/, byteDivisor, `${byteDivisors} memory resource`],
    [/\.ephemeral-storage$/, byteDivisor, `${byteDivisors} local ephemeral storage resource`],
    [/\.hugepages-/, byteDivisor, `${byteDivisors} hugepages resource`],
  ];
  for (const [name, allowed, text] of kinds) {
    if (name.test(resource ?? '') && !allowed.test(divisor)) {
      errors.push(invalidValue(`${field}.divisor`, resource, `only divisor's values ${text}`));
    }
  }
  return errors;
}

const byteDivisor = /^1(?:[kMGTPE]|[KMGTPE]i)?$/;

/** Whole ConfigMaps and Secrets as variables. */
export function validateEnvFrom(sources: readonly EnvFromSource[], field: string): FieldError[] {
  return sources.flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${field}[${index}]`;
    const errors = prefix ? eachInvalid(`${at}.prefix`, prefix, environmentName(prefix)) : [];
    const references = { configMapRef, secretRef };
    const given = Object.entries(references).filter(([, reference]) => reference !== undefined);
    for (const [key, reference] of given) {
      const name = reference?.name;
      errors.push(
        ...(name
          ? eachInvalid(`${at}.${key}.name`, name, subdomainName(name))
          : [required(`${at}.${key}.name`)]),
      );
    }
    if (given.length === 0) {
      errors.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (given.length > 1) {
      errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'));
    }
    return errors;
  });
}
