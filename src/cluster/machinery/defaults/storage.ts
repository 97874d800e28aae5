import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
} from 'kubernetes-types/core/v1.js';
import type { StorageClass } from 'kubernetes-types/storage/v1.js';

import type { Defaulter } from './apply-defaults.ts';

export const storage: Readonly<Record<string, Defaulter>> = {
  '/v1 PersistentVolume': (volume: PersistentVolume) => {
    if (volume.status) volume.status.phase ??= 'Pending';
    if (!volume.spec) return;
    volume.spec.persistentVolumeReclaimPolicy ??= 'Retain';
    volume.spec.volumeMode ??= 'Filesystem';
    if (volume.spec.hostPath) volume.spec.hostPath.type ??= '';
    defaultDisk(volume.spec);
  },
  '/v1 PersistentVolumeClaim': (claim: PersistentVolumeClaim) => defaultClaim(claim),
  'storage.k8s.io/v1 StorageClass': (storageClass: StorageClass) => {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
};

interface DiskSources {
  iscsi?: { iscsiInterface?: string };
  rbd?: { pool?: string; user?: string; keyring?: string };
  scaleIO?: { storageMode?: string; fsType?: string };
  azureDisk?: { cachingMode?: string; kind?: string; fsType?: string; readOnly?: boolean };
}

/** Network disks have their defaults in volumes of Pods and in PersistentVolumes alike. */
export function defaultDisk({ iscsi, rbd, scaleIO, azureDisk }: DiskSources): void {
  if (iscsi) iscsi.iscsiInterface ??= 'default';
  if (rbd) {
    rbd.pool ??= 'rbd';
    rbd.user ??= 'admin';
    rbd.keyring ??= '/etc/ceph/keyring';
  }
  if (scaleIO) {
    scaleIO.storageMode ??= 'ThinProvisioned';
    scaleIO.fsType ??= 'xfs';
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
}

export function defaultClaim(claim: PersistentVolumeClaim): void {
  if (claim.status) claim.status.phase ??= 'Pending';
  if (claim.spec) defaultClaimSpec(claim.spec);
}

export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
}
