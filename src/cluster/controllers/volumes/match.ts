import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.js';
import { milliValue } from '../../machinery/codec/quantity.ts';
import { labelSelectorMatcher } from '../../store/index.ts';
import { metaOf } from '../object-meta.ts';

/** The volume for a claim: the one reserved for it, or the smallest of those that will do. */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
): PersistentVolume | undefined {
  const fitting: PersistentVolume[] = [];
  for (const volume of volumes) {
    if (isReservedFor(volume, claim)) return volume;
    if (isFree(volume) && fits(volume, claim)) fitting.push(volume);
  }
  return fitting.sort((a, b) => capacityOf(a) - capacityOf(b))[0];
}

function isReservedFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { namespace, name, uid } = spec?.claimRef ?? {};
  if (namespace !== metadata?.namespace || name !== metadata?.name) return false;
  return uid === undefined || uid === metadata?.uid;
}

function isFree({ spec, metadata, status }: PersistentVolume): boolean {
  return !spec?.claimRef && !metadata?.deletionTimestamp && status?.phase !== 'Failed';
}

function fits(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  if (spec?.volumeName) return metaOf(volume).name === spec.volumeName;
  const modes = volume.spec?.accessModes ?? [];
  return (
    (volume.spec?.storageClassName ?? '') === (spec?.storageClassName ?? '') &&
    (volume.spec?.volumeMode ?? 'Filesystem') === (spec?.volumeMode ?? 'Filesystem') &&
    (spec?.accessModes ?? []).every((mode) => modes.includes(mode)) &&
    capacityOf(volume) >= (milliValue(spec?.resources?.requests?.['storage'] ?? '0') ?? 0) &&
    (!spec?.selector || labelSelectorMatcher(spec.selector)(volume.metadata?.labels))
  );
}

function capacityOf({ spec }: PersistentVolume): number {
  return milliValue(spec?.capacity?.['storage'] ?? '0') ?? 0;
}
