import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  ProjectedVolumeSource,
  Volume,
} from 'kubernetes-types/core/v1.js';

import { milliValue } from '../codec/quantity.ts';
import {
  duplicate,
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { validateFieldRef, validateResourceRef } from './environment.ts';
import { labelName } from './names.ts';
import { noBacksteps, unreservedPath } from './paths.ts';

/** The volumes of a Pod. */
export function validateVolumes(volumes: readonly Volume[], field: string): FieldError[] {
  const names = new Set<string>();
  return volumes.flatMap((volume, index) => {
    const at = `${field}[${index}]`;
    const { name, ...sources } = volume;
    const [first, ...more] = volumeTypes.filter((type) => type in sources);
    const errors =
      first === undefined
        ? [required(at, 'must specify a volume type')]
        : (sourceRules[first]?.(volume, `${at}.${first}`) ?? requireKeys(volume, first, at));
    errors.push(
      ...more.map((type) => forbidden(`${at}.${type}`, 'may not specify more than 1 volume type')),
    );
    const wrong = name ? labelName(name) : [];
    errors.push(...eachInvalid(`${at}.name`, name, wrong));
    if (!name) errors.push(required(`${at}.name`));
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    if (wrong.length === 0) names.add(name);
    return errors;
  });
}

// In the order in which upstream looks for them.
const volumeTypes = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const;

type VolumeType = (typeof volumeTypes)[number];

const sourceRules: Partial<Record<VolumeType, (volume: Volume, at: string) => FieldError[]>> = {
  emptyDir({ emptyDir }, at) {
    const { sizeLimit } = emptyDir ?? {};
    return sizeLimit !== undefined && (milliValue(sizeLimit) ?? 0) < 0
      ? [forbidden(`${at}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [];
  },
  hostPath({ hostPath }, at) {
    const { path, type = '' } = hostPath ?? {};
    if (!path) return [required(`${at}.path`)];
    return [
      ...noBacksteps(path, `${at}.path`),
      ...(hostPathTypes.includes(type) ? [] : [notSupported(`${at}.type`, type, hostPathTypes)]),
    ];
  },
  secret({ secret }, at) {
    return [
      ...(secret?.secretName ? [] : [required(`${at}.secretName`)]),
      ...validateMode(secret?.defaultMode, `${at}.defaultMode`),
      ...validateItems(secret?.items, at),
    ];
  },
  configMap({ configMap }, at) {
    return [
      ...(configMap?.name ? [] : [required(`${at}.name`)]),
      ...validateMode(configMap?.defaultMode, `${at}.defaultMode`),
      ...validateItems(configMap?.items, at),
    ];
  },
  nfs({ nfs }, at) {
    const { server, path = '' } = nfs ?? {};
    return [
      ...(server ? [] : [required(`${at}.server`)]),
      ...(path ? [] : [required(`${at}.path`)]),
      ...(path.startsWith('/')
        ? []
        : [invalidValue(`${at}.path`, path, 'must be an absolute path')]),
    ];
  },
  downwardAPI({ downwardAPI }, at) {
    return [
      ...validateMode(downwardAPI?.defaultMode, `${at}.defaultMode`),
      ...(downwardAPI?.items ?? []).flatMap((file) => validateFile(file, at)),
    ];
  },
  projected({ projected }, at) {
    return projected ? validateProjected(projected, at) : [];
  },
};

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

const requiredKeys: Partial<Record<VolumeType, readonly string[]>> = {
  awsElasticBlockStore: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  azureFile: ['secretName', 'shareName'],
  cephfs: ['monitors'],
  cinder: ['volumeID'],
  csi: ['driver'],
  ephemeral: ['volumeClaimTemplate'],
  flexVolume: ['driver'],
  gcePersistentDisk: ['pdName'],
  gitRepo: ['repository'],
  glusterfs: ['endpoints', 'path'],
  image: ['reference'],
  iscsi: ['targetPortal', 'iqn'],
  persistentVolumeClaim: ['claimName'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  rbd: ['monitors', 'image'],
  vsphereVolume: ['volumePath'],
};

function requireKeys(volume: Volume, type: VolumeType, at: string): FieldError[] {
  const source = (volume as unknown as Record<string, Record<string, unknown> | undefined>)[type];
  return (requiredKeys[type] ?? [])
    .filter((key) => !source?.[key])
    .map((key) => required(`${at}.${type}.${key}`));
}

function validateMode(mode: number | undefined, field: string): FieldError[] {
  return mode !== undefined && (mode < 0 || mode > 0o777)
    ? [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : [];
}

function validateItems(items: readonly KeyToPath[] | undefined, field: string): FieldError[] {
  return (items ?? []).flatMap(({ key, path, mode }, index) => {
    const at = `${field}.items[${index}]`;
    return [
      ...(key ? [] : [required(`${at}.key`)]),
      ...(path ? [] : [required(`${at}.path`)]),
      ...unreservedPath(path, `${at}.path`),
      ...validateMode(mode, `${at}.mode`),
    ];
  });
}

const fileFields = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

function validateFile(
  { path, fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile,
  at: string,
): FieldError[] {
  const errors = [...(path ? [] : [required(`${at}.path`)]), ...unreservedPath(path, `${at}.path`)];
  if (fieldRef) {
    errors.push(...validateFieldRef(fieldRef, `${at}.fieldRef`, fileFields));
    if (resourceFieldRef) {
      const why = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errors.push(invalidValue(at, 'resource', why));
    }
  } else if (resourceFieldRef) {
    errors.push(...validateResourceRef(resourceFieldRef, `${at}.resourceFieldRef`, true));
  } else errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
  return [...errors, ...validateMode(mode, `${at}.mode`)];
}

const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;

function validateProjected(
  { defaultMode, sources = [] }: ProjectedVolumeSource,
  field: string,
): FieldError[] {
  const paths = new Set<string>();
  const takenTwice = (path: string, shown: string): FieldError[] => {
    if (!path) return [];
    if (paths.has(path)) return [invalidValue(field, shown, 'conflicting duplicate paths')];
    paths.add(path);
    return [];
  };
  const errors = validateMode(defaultMode, `${field}.defaultMode`);
  for (const [index, source] of sources.entries()) {
    const at = `${field}.sources[${index}]`;
    for (const type of ['secret', 'configMap'] as const) {
      const part = source[type];
      if (!part) continue;
      const { name = '', items = [] } = part;
      if (!name) errors.push(required(`${at}.${type}.name`));
      errors.push(...validateItems(items, `${at}.${type}`));
      errors.push(...items.flatMap(({ path }) => takenTwice(path, name)));
    }
    for (const file of source.downwardAPI?.items ?? []) {
      errors.push(...validateFile(file, `${at}.downwardAPI`), ...takenTwice(file.path, file.path));
    }
    const token = source.serviceAccountToken;
    if (token) {
      const seconds = token.expirationSeconds ?? 0;
      const path = `${at}.serviceAccountToken.expirationSeconds`;
      if (seconds < minTokenSeconds) {
        const why = 'may not specify a duration less than 10 minutes';
        errors.push(invalidValue(path, seconds, why));
      }
      if (seconds > maxTokenSeconds) {
        const why = 'may not specify a duration larger than 2^32 seconds';
        errors.push(invalidValue(path, seconds, why));
      }
      // Upstream's paths leave the source out here.
      if (token.path) errors.push(...unreservedPath(token.path, `${field}.path`));
      else errors.push(required(`${field}.path`));
    }
    if (Object.keys(source).length > 1) {
      errors.push(forbidden(at, 'may not specify more than 1 volume type per source'));
    }
  }
  return errors;
}
