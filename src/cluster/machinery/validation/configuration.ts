import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.js';

import { type FieldError, forbidden, invalidValue, required, tooLong } from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { immutable } from './metadata.ts';
import { configMapKey } from './names.ts';

const maxBytes = 1024 * 1024;

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...checkKey('data', key));
    if (key in binaryData) {
      errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    }
    size += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    errors.push(...checkKey('binaryData', key));
    size += Buffer.byteLength(value, 'base64');
  }
  if (size > maxBytes) errors.push(tooLong('[]', maxBytes));
  return errors;
}

export function validateSecret({ data = {}, type = 'Opaque', metadata }: Secret): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...checkKey('data', key));
    size += Buffer.byteLength(value, 'base64');
  }
  if (size > maxBytes) errors.push(tooLong('data', maxBytes));
  for (const key of requiredKeys[type] ?? []) {
    if (!(key in data)) errors.push(required(`data[${key}]`));
  }
  const account = 'kubernetes.io/service-account.name';
  if (type === 'kubernetes.io/service-account-token' && !metadata?.annotations?.[account]) {
    errors.push(required(`metadata.annotations[${account}]`));
  }
  if (type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data)) {
    errors.push(required('data[username]'), required('data[password]'));
  }
  return errors;
}

const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export function validateConfigMapUpdate(next: ConfigMap, previous: ConfigMap): FieldError[] {
  if (!previous.immutable) return [];
  return [
    ...(next.immutable ? [] : [sealed('immutable')]),
    ...(isEqual(next.data, previous.data) ? [] : [sealed('data')]),
    ...(isEqual(next.binaryData, previous.binaryData) ? [] : [sealed('binaryData')]),
  ];
}

export function validateSecretUpdate(next: Secret, previous: Secret): FieldError[] {
  const errors = next.type === previous.type ? [] : [immutable('type', next.type)];
  if (!previous.immutable) return errors;
  return [
    ...errors,
    ...(next.immutable ? [] : [sealed('immutable')]),
    ...(isEqual(next.data, previous.data) ? [] : [sealed('data')]),
  ];
}

function sealed(field: string): FieldError {
  return forbidden(field, 'field is immutable when `immutable` is set');
}

function checkKey(map: string, key: string): FieldError[] {
  return configMapKey(key).map((wrong) => invalidValue(`${map}[${key}]`, key, wrong));
}
