import type { PersistentVolume, PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.js';
import type { Api } from '../../../api.ts';
import { hostPathOf } from './host-path.ts';
import { VolumeError } from './volume-error.ts';

/** The directory behind a claim: its volume must be one that is a directory of this machine. */
export function claimedPath(
  claimName: string,
  { api, pod }: { readonly api: Api; readonly pod: Pod },
): string {
  const namespace = pod.metadata?.namespace;
  const claim = api.get<PersistentVolumeClaim>('persistentvolumeclaims', {
    namespace,
    name: claimName,
  });
  if (!claim) throw new VolumeError(`persistentvolumeclaim "${claimName}" not found`);
  const name = claim.spec?.volumeName;
  if (!name || claim.status?.phase !== 'Bound')
    throw new VolumeError(
      `persistentvolumeclaim "${claimName}" is not bound: kubectl describe pvc ${claimName} says why`,
    );
  const volume = api.get<PersistentVolume>('persistentvolumes', { name });
  const { hostPath, local } = volume?.spec ?? {};
  if (hostPath) return hostPathOf(hostPath);
  if (local) return hostPathOf({ path: local.path });
  throw new VolumeError(
    `persistentvolume "${name}" is neither hostPath nor local: the embedded cluster mounts no other`,
  );
}
