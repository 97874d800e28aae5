import type { PersistentVolume, PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../api.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { Informer } from '../informer.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { isPodTerminal } from '../pod-status.ts';
import type { Controller, ControllerContext } from '../runner.ts';

/** Keeps a claim that is deleted until the last Pod that uses it has gone or ended. */
export function claimProtectionController({ api, informers }: ControllerContext): Controller {
  const claims = informers.of(
    'persistentvolumeclaims',
  ) as unknown as Informer<PersistentVolumeClaim>;
  const pods = informers.of('pods');
  const podsByClaim = pods.index(claimKeysOf);

  return {
    name: 'persistent-volume-claim-protection',
    watch(queue) {
      claims.onChange(({ type, object }) => {
        if (type !== 'DELETED') queue.add(queueKey(object));
      });
      pods.onChange(({ type, object }) => {
        if (type !== 'DELETED' && !isPodTerminal(object)) return;
        for (const key of claimKeysOf(object)) queue.add(key);
      });
    },
    reconcile(key) {
      const claim = claims.get(parseQueueKey(key));
      if (!claim) return;
      const isUsed = () => [...podsByClaim.get(key)].some((pod) => !isPodTerminal(pod));
      protect({ api, resource: 'persistentvolumeclaims', object: claim, isUsed });
    },
  };
}

/** Keeps a volume that is deleted until no claim is bound to it. */
export function volumeProtectionController({ api, informers }: ControllerContext): Controller {
  const volumes = informers.of('persistentvolumes') as unknown as Informer<PersistentVolume>;
  return {
    name: 'persistent-volume-protection',
    watch(queue) {
      volumes.onChange(({ type, object }) => {
        if (type !== 'DELETED') queue.add(metaOf(object).name);
      });
    },
    reconcile(name) {
      const volume = volumes.get({ name });
      if (!volume) return;
      const isUsed = () => volume.status?.phase === 'Bound';
      protect({ api, resource: 'persistentvolumes', object: volume, isUsed });
    },
  };
}

const FINALIZERS = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
} as const;

interface Protected {
  readonly api: ControllerContext['api'];
  readonly resource: keyof typeof FINALIZERS;
  readonly object: Pick<KubeObject, 'metadata'>;
  readonly isUsed: () => boolean;
}

/** Admission has set the finalizer; whoever took it away finds it back, until the object may go. */
function protect({ api, resource, object, isUsed }: Protected): void {
  const finalizer = FINALIZERS[resource];
  const { namespace, name, uid, resourceVersion, finalizers = [] } = metaOf(object);
  const isHeld = finalizers.includes(finalizer);
  const isToBeHeld = !isBeingDeleted(object);
  if (isHeld === isToBeHeld || (isHeld && isUsed())) return;
  const kept = isToBeHeld
    ? [...finalizers, finalizer]
    : finalizers.filter((other) => other !== finalizer);
  api.patch(
    resource,
    { namespace, name },
    { metadata: { uid, resourceVersion, finalizers: kept } },
    { type: 'merge', fieldManager: FIELD_MANAGER },
  );
}

function claimKeysOf({ metadata, spec }: Pod): string[] {
  return (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim = ephemeral ? `${metadata?.name}-${name}` : persistentVolumeClaim?.claimName;
    return claim === undefined ? [] : [`${metadata?.namespace}/${claim}`];
  });
}
