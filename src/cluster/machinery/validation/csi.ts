import type { CSIDriver, CSINode, VolumeAttachment } from 'kubernetes-types/storage/v1.js';

import {
  duplicate,
  eachInvalid,
  type FieldError,
  forbidden,
  notSupported,
  required,
} from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { immutable } from './metadata.ts';
import { qualifiedName, subdomainName } from './names.ts';

export function validateCsiDriver({ spec }: CSIDriver): FieldError[] {
  const { fsGroupPolicy, volumeLifecycleModes = [] } = spec ?? {};
  const modes = ['Ephemeral', 'Persistent'];
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType'];
  return [
    ...(fsGroupPolicy === undefined || policies.includes(fsGroupPolicy)
      ? []
      : [notSupported('spec.fsGroupPolicy', fsGroupPolicy, policies)]),
    ...volumeLifecycleModes
      .filter((mode) => !modes.includes(mode))
      .map((mode) => notSupported('spec.volumeLifecycleModes', mode, modes)),
  ];
}

export function validateCsiDriverUpdate(next: CSIDriver, previous: CSIDriver): FieldError[] {
  // Upstream's name of the first one's path, which no field has.
  const fixed = [
    ['attachRequired', 'spec.attachedRequired'],
    ['volumeLifecycleModes', 'spec.volumeLifecycleModes'],
  ] as const;
  return fixed
    .filter(([field]) => !isEqual(next.spec?.[field] ?? null, previous.spec?.[field] ?? null))
    .map(([field, path]) => immutable(path, next.spec?.[field] ?? null));
}

export function validateCsiNode({ spec }: CSINode): FieldError[] {
  const names = new Set<string>();
  // `null` when left out: the field has no omitempty.
  const drivers = (spec?.drivers as CSINode['spec']['drivers'] | null | undefined) ?? [];
  return drivers.flatMap((driver, index) => {
    const field = `spec.drivers[${index}]`;
    const { name, nodeID, topologyKeys = [] } = driver;
    const errors = name
      ? eachInvalid(`${field}.name`, name, subdomainName(name.toLowerCase()))
      : [required(`${field}.name`)];
    if (!nodeID) errors.push(required(`${field}.nodeID`));
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    for (const [number, key] of topologyKeys.entries()) {
      if (!key) errors.push(required(field));
      if (topologyKeys.indexOf(key) < number) errors.push(duplicate(field, key));
      errors.push(...eachInvalid(field, key, qualifiedName(key)));
    }
    return errors;
  });
}

const oneSource = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

export function validateAttachment({ spec }: VolumeAttachment): FieldError[] {
  const { attacher, nodeName, source } = spec ?? {};
  const errors = attacher
    ? eachInvalid('spec.attacher', attacher, subdomainName(attacher.toLowerCase()))
    : [required('spec.attacher')];
  const { inlineVolumeSpec, persistentVolumeName: volume } = source ?? {};
  if (!inlineVolumeSpec && volume === undefined) errors.push(required('spec.source', oneSource));
  if (inlineVolumeSpec && volume !== undefined) errors.push(forbidden('spec.source', oneSource));
  if (volume === '') {
    const why = 'must specify non empty persistentVolumeName';
    errors.push(required('spec.source.persistentVolumeName', why));
  }
  return [...errors, ...eachInvalid('spec.nodeName', nodeName, subdomainName(nodeName))];
}

/** Which volume goes to which node is decided once. */
export function validateSpecUpdate(
  next: { readonly spec?: unknown },
  previous: { readonly spec?: unknown },
): FieldError[] {
  return isEqual(next.spec ?? null, previous.spec ?? null) ? [] : [immutable('spec', next.spec)];
}
