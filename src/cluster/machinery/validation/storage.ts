import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
} from 'kubernetes-types/core/v1.js';
import type { StorageClass } from 'kubernetes-types/storage/v1.js';

import { milliValue } from '../codec/quantity.ts';
import {
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { immutable } from './metadata.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const volumeModes = ['Block', 'Filesystem'];

export function validateClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  return validateClaimSpec(spec ?? {}, 'spec');
}

function validateClaimSpec(spec: PersistentVolumeClaimSpec, field: string): FieldError[] {
  const request = spec.resources?.requests?.['storage'];
  return [
    ...validateModes(spec.accessModes, spec.volumeMode, field),
    ...validateCapacity(request, `${field}.resources`, `${field}.resources.requests[storage]`),
  ];
}

function validateModes(
  modes: readonly string[] | undefined,
  volumeMode: string | undefined,
  field: string,
): FieldError[] {
  const given = modes ?? [];
  const errors =
    given.length === 0
      ? [required(`${field}.accessModes`, 'at least 1 access mode is required')]
      : [];
  for (const mode of given) {
    if (!accessModes.includes(mode)) {
      errors.push(notSupported(`${field}.accessModes`, mode, accessModes));
    }
  }
  if (given.includes('ReadWriteOncePod') && given.length > 1) {
    const why = 'may not use ReadWriteOncePod with other access modes';
    errors.push(forbidden(`${field}.accessModes`, why));
  }
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) {
    errors.push(notSupported(`${field}.volumeMode`, volumeMode, volumeModes));
  }
  return errors;
}

function validateCapacity(
  amount: string | undefined,
  whenAbsent: string,
  field: string,
): FieldError[] {
  if (amount === undefined) return [required(`${whenAbsent}[storage]`)];
  return (milliValue(amount) ?? 0) > 0
    ? []
    : [invalidValue(field, amount, 'must be greater than zero')];
}

/** Only growing is allowed once a claim is made. */
export function validateClaimUpdate(
  next: PersistentVolumeClaim,
  previous: PersistentVolumeClaim,
): FieldError[] {
  const before = previous.spec ?? {};
  const after = next.spec ?? {};
  const requested = (spec: PersistentVolumeClaimSpec) => spec.resources?.requests?.['storage'];
  const errors: FieldError[] = [];
  const isBinding = !before.volumeName && after.volumeName;
  // KEP-3333: a claim made before there was a default class gets it later.
  const isClassed = before.storageClassName === undefined && !before.volumeName;
  const rest = ({
    resources: _resources,
    volumeName,
    storageClassName,
    ...others
  }: PersistentVolumeClaimSpec) => ({
    ...others,
    ...(!isBinding && { volumeName }),
    ...(!isClassed && { storageClassName }),
  });
  if (!isEqual(rest(after), rest(before))) {
    const why =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbidden('spec', why));
  }
  if ((milliValue(requested(after) ?? 0) ?? 0) < (milliValue(requested(before) ?? 0) ?? 0)) {
    const why = 'field can not be less than status.capacity';
    errors.push(forbidden('spec.resources.requests.storage', why));
  }
  return errors;
}

const reclaimPolicies = ['Delete', 'Recycle', 'Retain'];

export function validateVolume({ spec }: PersistentVolume): FieldError[] {
  if (!spec) return [required('spec.capacity')];
  const policy = spec.persistentVolumeReclaimPolicy;
  return [
    ...validateModes(spec.accessModes, spec.volumeMode, 'spec'),
    ...(spec.capacity
      ? validateCapacity(spec.capacity['storage'], 'spec.capacity', 'spec.capacity[storage]')
      : [required('spec.capacity')]),
    ...(policy === undefined || reclaimPolicies.includes(policy)
      ? []
      : [notSupported('spec.persistentVolumeReclaimPolicy', policy, reclaimPolicies)]),
  ];
}

const bindingModes = ['Immediate', 'WaitForFirstConsumer'];

export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const { provisioner, reclaimPolicy, volumeBindingMode: mode } = storageClass;
  const errors = provisioner ? [] : [required('provisioner')];
  if (reclaimPolicy !== undefined && !['Delete', 'Retain'].includes(reclaimPolicy)) {
    errors.push(notSupported('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']));
  }
  if (mode !== undefined && !bindingModes.includes(mode)) {
    errors.push(notSupported('volumeBindingMode', mode, bindingModes));
  }
  return errors;
}

export function validateStorageClassUpdate(
  next: StorageClass,
  previous: StorageClass,
): FieldError[] {
  const fixed = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const;
  const why: Readonly<Record<string, string>> = {
    parameters: 'updates to parameters are forbidden.',
    provisioner: 'updates to provisioner are forbidden.',
    reclaimPolicy: 'updates to reclaimPolicy are forbidden.',
  };
  return fixed
    .filter((field) => !isEqual(next[field] ?? null, previous[field] ?? null))
    .map((field) => {
      const text = why[field];
      return text === undefined ? immutable(field, next[field]) : forbidden(field, text);
    });
}
