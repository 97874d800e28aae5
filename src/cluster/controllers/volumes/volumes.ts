import type { PersistentVolume } from 'kubernetes-types/core/v1.js';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { Informer } from '../informer.ts';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { PROVISIONER } from './claims.ts';

/** Says of each volume whether it is free, and takes back those whose claim is gone. */
export function volumeController(
  { api, informers }: ControllerContext,
  directory: string | undefined,
): Controller {
  const volumes = informers.of('persistentvolumes') as unknown as Informer<PersistentVolume>;

  return {
    name: 'persistent-volume',
    watch(queue) {
      volumes.onChange(({ type, object }) => {
        if (type !== 'DELETED') queue.add(metaOf(object).name);
      });
      informers.of('persistentvolumeclaims').onChange(({ type, object }) => {
        if (type !== 'DELETED') return;
        for (const volume of volumes.all()) {
          if (volume.spec?.claimRef?.uid === metaOf(object).uid) queue.add(metaOf(volume).name);
        }
      });
    },
    reconcile(name) {
      const volume = volumes.get({ name });
      if (!volume) return;
      const phase = phaseOf(volume);
      if (phase !== volume.status?.phase) {
        api.patch(
          'persistentvolumes',
          { name },
          { status: { phase } },
          { type: 'merge', subresource: 'status', fieldManager: FIELD_MANAGER },
        );
      }
      if (phase === 'Released' && volume.spec?.persistentVolumeReclaimPolicy === 'Delete') {
        remove(volume);
      }
    },
  };

  function phaseOf({ spec, status }: PersistentVolume): string {
    const { namespace, name = '', uid } = spec?.claimRef ?? {};
    if (!spec?.claimRef || uid === undefined) return 'Available';
    const claim = api.get('persistentvolumeclaims', { namespace, name });
    if (claim?.metadata?.uid !== uid) return 'Released';
    return status?.phase === 'Bound' ? 'Bound' : 'Available';
  }

  /** What somebody else has provisioned is theirs to take away. */
  function remove(volume: PersistentVolume): void {
    const { name, annotations } = metaOf(volume);
    if (annotations?.['pv.kubernetes.io/provisioned-by'] !== PROVISIONER) return;
    const { path } = volume.spec?.hostPath ?? {};
    if (path && directory && dirname(path) === directory) {
      rmSync(path, { recursive: true, force: true });
    }
    if (!isBeingDeleted(volume)) api.delete('persistentvolumes', { name });
  }
}
