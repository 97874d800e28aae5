import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.js';
import type { StorageClass } from 'kubernetes-types/storage/v1.js';

import { nameOf, type Printer } from './cells.ts';

const defaultClass = 'storageclass.kubernetes.io/is-default-class';
const shortModes: Readonly<Record<string, string>> = {
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOnce: 'RWO',
  ReadWriteOncePod: 'RWOP',
};

export const storage: Readonly<Record<string, Printer>> = {
  persistentvolumeclaims: (claim: PersistentVolumeClaim, { age }) => {
    const { metadata, spec, status } = claim;
    const isBound = (spec?.volumeName ?? '') !== '';
    return [
      nameOf(claim),
      metadata?.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      spec?.volumeName ?? '',
      isBound ? (status?.capacity?.['storage'] ?? '') : '',
      isBound ? modes(status?.accessModes) : '',
      spec?.storageClassName ?? '',
      '<unset>',
      age,
      spec?.volumeMode ?? '<unset>',
    ];
  },
  persistentvolumes: (volume: PersistentVolume, { age }) => {
    const { metadata, spec, status } = volume;
    const claim = spec?.claimRef;
    return [
      nameOf(volume),
      spec?.capacity?.['storage'] ?? '',
      modes(spec?.accessModes),
      spec?.persistentVolumeReclaimPolicy ?? '',
      metadata?.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
      claim ? `${claim.namespace}/${claim.name}` : '',
      spec?.storageClassName ?? '',
      '<unset>',
      status?.reason ?? '',
      age,
      spec?.volumeMode ?? '<unset>',
    ];
  },
  'storage.k8s.io/storageclasses': (storageClass: StorageClass, { age }) => {
    const isDefault = storageClass.metadata?.annotations?.[defaultClass] === 'true';
    return [
      isDefault ? `${nameOf(storageClass)} (default)` : nameOf(storageClass),
      storageClass.provisioner,
      storageClass.reclaimPolicy ?? 'Delete',
      storageClass.volumeBindingMode ?? 'Immediate',
      storageClass.allowVolumeExpansion ?? false,
      age,
    ];
  },
};

function modes(accessModes: readonly string[] | undefined): string {
  return (accessModes ?? []).map((mode) => shortModes[mode] ?? mode).join(',');
}
