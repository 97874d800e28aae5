import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.js';
import type { StorageClass } from 'kubernetes-types/storage/v1.js';
import { join } from 'node:path';
import { isAlreadyExists } from '../api-errors.ts';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { Informer } from '../informer.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { findVolume } from './match.ts';

/** Makes volumes that are directories of this machine. */
export const PROVISIONER = 'pitstop.dev/directory';
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';

/**
 * Binds claims to volumes. Where `directory` is given, a claim of a class of our own that finds no
 * volume gets a directory below it.
 */
export function claimController(
  { api, informers, clock }: ControllerContext,
  directory: string | undefined,
): Controller {
  const claims = informers.of(
    'persistentvolumeclaims',
  ) as unknown as Informer<PersistentVolumeClaim>;
  const volumes = informers.of('persistentvolumes') as unknown as Informer<PersistentVolume>;
  const classes = informers.of('storageclasses') as unknown as Informer<StorageClass>;
  const recordEvent = eventRecorder(api, clock, 'persistentvolume-controller');

  return {
    name: 'persistent-volume-claim',
    watch(queue) {
      if (directory) provideDefaultClass();
      claims.onChange(({ type, object }) => {
        if (type !== 'DELETED') queue.add(queueKey(object));
      });
      const retryAll = () => {
        for (const claim of claims.all()) if (isPending(claim)) queue.add(queueKey(claim));
      };
      volumes.onChange(retryAll);
      classes.onChange(retryAll);
    },
    reconcile(key) {
      const claim = claims.get(parseQueueKey(key));
      if (!claim || isBeingDeleted(claim) || !isPending(claim)) return;
      const asked = withClass(claim);
      const volume = findVolume(asked, volumes.all()) ?? provision(asked);
      if (volume) bind(asked, volume);
    },
  };

  function provideDefaultClass(): void {
    if (classes.get({ name: 'standard' })) return;
    api.create(
      'storageclasses',
      {
        metadata: { name: 'standard', annotations: { [IS_DEFAULT]: 'true' } },
        provisioner: PROVISIONER,
        reclaimPolicy: 'Delete',
        volumeBindingMode: 'Immediate',
      },
      { fieldManager: FIELD_MANAGER },
    );
  }

  /** No class named means the default one; `''` means none. */
  function withClass(claim: PersistentVolumeClaim): PersistentVolumeClaim {
    if (claim.spec?.storageClassName !== undefined) return claim;
    const standard = [...classes.all()].find(
      ({ metadata }) => metadata?.annotations?.[IS_DEFAULT] === 'true',
    );
    if (!standard) return claim;
    return api.update<PersistentVolumeClaim>(
      'persistentvolumeclaims',
      { ...claim, spec: { ...claim.spec, storageClassName: metaOf(standard).name } },
      { fieldManager: FIELD_MANAGER },
    );
  }

  function provision(claim: PersistentVolumeClaim): PersistentVolume | undefined {
    const { storageClassName = '', accessModes = [], resources, volumeName } = claim.spec ?? {};
    const storageClass = classes.get({ name: storageClassName });
    if (volumeName || storageClass?.provisioner !== PROVISIONER || !directory) {
      refuse(claim, storageClass);
      return undefined;
    }
    const { namespace, name, uid, resourceVersion } = metaOf(claim);
    const volume = `pvc-${uid}`;
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
    const made: PersistentVolume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: volume,
        annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER },
      },
      spec: {
        capacity: { storage: resources?.requests?.['storage'] ?? '1Gi' },
        accessModes,
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName,
        claimRef: { ...claimRef, ...(resourceVersion && { resourceVersion }) } as object,
        hostPath: { path: join(directory, volume), type: 'DirectoryOrCreate' },
      },
    };
    const message = `Successfully provisioned volume ${volume}`;
    try {
      const created = api.create('persistentvolumes', made, { fieldManager: FIELD_MANAGER });
      recordEvent(claim, 'Normal', 'ProvisioningSucceeded', message);
      return created;
    } catch (error) {
      if (isAlreadyExists(error)) return volumes.get({ name: volume });
      throw error;
    }
  }

  function refuse(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): void {
    if (claim.spec?.volumeName) return;
    const { storageClassName = '' } = claim.spec ?? {};
    if (storageClassName === '') {
      const message = 'no persistent volumes available for this claim and no storage class is set';
      recordEvent(claim, 'Normal', 'FailedBinding', message);
    } else if (!storageClass) {
      const message = `storageclass.storage.k8s.io "${storageClassName}" not found`;
      recordEvent(claim, 'Warning', 'ProvisioningFailed', message);
    } else {
      const message = `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
      recordEvent(claim, 'Normal', 'ExternalProvisioning', message);
    }
  }

  function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): void {
    const { namespace, name, uid } = metaOf(claim);
    const reference = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
    const options = { type: 'merge', fieldManager: FIELD_MANAGER } as const;
    const status = { ...options, subresource: 'status' };
    const volumeName = metaOf(volume).name;
    if (volume.spec?.claimRef?.uid !== uid) {
      api.patch(
        'persistentvolumes',
        { name: volumeName },
        { spec: { claimRef: reference } },
        options,
      );
    }
    api.patch('persistentvolumes', { name: volumeName }, { status: { phase: 'Bound' } }, status);
    const key = { namespace, name };
    const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' };
    api.patch(
      'persistentvolumeclaims',
      key,
      { metadata: { annotations }, spec: { volumeName } },
      options,
    );
    const { accessModes, capacity } = volume.spec ?? {};
    api.patch(
      'persistentvolumeclaims',
      key,
      { status: { phase: 'Bound', accessModes, capacity } },
      status,
    );
  }
}

function isPending({ status }: PersistentVolumeClaim): boolean {
  return (status?.phase ?? 'Pending') === 'Pending';
}
