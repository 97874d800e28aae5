import type { Container, Volume, VolumeDevice, VolumeMount } from 'kubernetes-types/core/v1.js';

import {
  type FieldError,
  forbidden,
  invalidValue,
  notFound,
  notSupported,
  required,
} from '../field-error.ts';
import { descendingPath, noBacksteps } from './paths.ts';

type Mounting = Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>;

/** What a container mounts, and which block devices it is given; `volumes` are the Pod's. */
export function validateMounts(
  container: Mounting,
  field: string,
  volumes: ReadonlyMap<string, Volume>,
): FieldError[] {
  const { volumeMounts: mounts = [], volumeDevices: devices = [] } = container;
  const isPrivileged = container.securityContext?.privileged === true;
  const paths = new Set<string>();
  return [
    ...mounts.flatMap((mount, index) => {
      const at = `${field}.volumeMounts[${index}]`;
      const { name, mountPath } = mount;
      const errors: FieldError[] = [];
      if (!name) errors.push(required(`${at}.name`));
      if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
      if (!mountPath) errors.push(required(`${at}.mountPath`));
      if (paths.has(mountPath)) {
        errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'));
      }
      paths.add(mountPath);
      if (devices.some((device) => device.name === name)) {
        errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'));
      }
      if (devices.some(({ devicePath }) => devicePath === mountPath)) {
        const why = 'must not already exist as a path in volumeDevices';
        errors.push(invalidValue(`${at}.mountPath`, mountPath, why));
      }
      return [
        ...errors,
        ...validateSubPath(mount, at),
        ...validatePropagation(mount, `${field}.volumeMounts`, isPrivileged),
      ];
    }),
    ...validateDevices(devices, mounts, `${field}.volumeDevices`, volumes),
  ];
}

function validateSubPath(
  { subPath = '', subPathExpr = '' }: VolumeMount,
  at: string,
): FieldError[] {
  // Upstream's path leaves the index out here.
  const list = at.replace(/\[\d+\]$/, '');
  const errors = subPath === '' ? [] : descendingPath(subPath, `${list}.subPath`);
  if (subPathExpr === '') return errors;
  if (subPath !== '') {
    const why = 'subPathExpr and subPath are mutually exclusive';
    errors.push(invalidValue(`${at}.subPathExpr`, subPathExpr, why));
  }
  return [...errors, ...descendingPath(subPathExpr, `${list}.subPathExpr`)];
}

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

function validatePropagation(
  mount: VolumeMount & { readonly recursiveReadOnly?: string },
  field: string,
  isPrivileged: boolean,
): FieldError[] {
  const { mountPropagation: propagation, recursiveReadOnly: recursive, readOnly } = mount;
  const errors: FieldError[] = [];
  if (propagation !== undefined && !propagations.includes(propagation)) {
    errors.push(notSupported(`${field}.mountPropagation`, propagation, propagations));
  }
  if (propagation === 'Bidirectional' && !isPrivileged) {
    const why = 'Bidirectional mount propagation is available only to privileged containers';
    errors.push(forbidden(`${field}.mountPropagation`, why));
  }
  if (recursive === undefined || recursive === 'Disabled') return errors;
  const at = `${field}.recursiveReadOnly`;
  if (recursive !== 'Enabled' && recursive !== 'IfPossible') {
    return [...errors, notSupported(at, recursive, ['Disabled', 'Enabled', 'IfPossible'])];
  }
  if (!readOnly) errors.push(forbidden(at, 'may only be specified when readOnly is true'));
  if (propagation !== undefined && propagation !== 'None') {
    const why = 'may only be specified when mountPropagation is None or not specified';
    errors.push(forbidden(at, why));
  }
  return errors;
}

function validateDevices(
  devices: readonly VolumeDevice[],
  mounts: readonly VolumeMount[],
  field: string,
  volumes: ReadonlyMap<string, Volume>,
): FieldError[] {
  const paths = new Set<string>();
  const names = new Set<string>();
  return devices.flatMap(({ name, devicePath }, index) => {
    const at = `${field}[${index}]`;
    const errors: FieldError[] = [];
    const volume = volumes.get(name);
    if (!name) errors.push(required(`${at}.name`));
    if (names.has(name)) errors.push(invalidValue(`${at}.name`, name, 'must be unique'));
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      const why =
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode';
      errors.push(invalidValue(`${at}.name`, name, why));
    }
    if (!volume) errors.push(notFound(`${at}.name`, name));
    if (!devicePath) errors.push(required(`${at}.devicePath`));
    if (paths.has(devicePath)) {
      errors.push(invalidValue(`${at}.devicePath`, devicePath, 'must be unique'));
    }
    if (noBacksteps(devicePath, field).length > 0) {
      const why = "can not contain backsteps ('..')";
      errors.push(invalidValue(`${at}.devicePath`, devicePath, why));
    } else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeMounts'));
    }
    if (mounts.some(({ mountPath }) => mountPath === devicePath)) {
      const why = 'must not already exist as a path in volumeMounts';
      errors.push(invalidValue(`${at}.devicePath`, devicePath, why));
    }
    names.add(name);
    return errors;
  });
}
