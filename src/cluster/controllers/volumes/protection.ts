import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.js';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { Informer } from '../informer.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { isPodTerminal } from '../pod-status.ts';
import type { Controller, ControllerContext } from '../runner.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';

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
      const { finalizers = [] } = metaOf(claim);
      const isHeld = finalizers.includes(FINALIZER);
      if (!isBeingDeleted(claim)) {
        if (!isHeld) write(claim, [...finalizers, FINALIZER]);
      } else if (isHeld && ![...podsByClaim.get(key)].some((pod) => !isPodTerminal(pod))) {
        write(
          claim,
          finalizers.filter((finalizer) => finalizer !== FINALIZER),
        );
      }
    },
  };

  function write(claim: PersistentVolumeClaim, finalizers: readonly string[]): void {
    const { namespace, name, uid, resourceVersion } = metaOf(claim);
    api.patch(
      'persistentvolumeclaims',
      { namespace, name },
      { metadata: { uid, resourceVersion, finalizers } },
      { type: 'merge', fieldManager: FIELD_MANAGER },
    );
  }
}

function claimKeysOf({ metadata, spec }: Pod): string[] {
  return (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim = ephemeral ? `${metadata?.name}-${name}` : persistentVolumeClaim?.claimName;
    return claim === undefined ? [] : [`${metadata?.namespace}/${claim}`];
  });
}
