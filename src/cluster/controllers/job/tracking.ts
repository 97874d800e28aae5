import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Api } from '../../api.ts';
import { isNotFound } from '../api-errors.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { metaOf } from '../object-meta.ts';
import { isTracked, TRACKING_FINALIZER } from './job-pod.ts';

/** Takes the finalizer off a Pod that its Job has written down, or does not count. */
export function stopTracking(api: Api, pod: Pod): void {
  if (!isTracked(pod)) return;
  const { namespace, name, uid } = metaOf(pod);
  try {
    api.patch(
      'pods',
      { namespace, name },
      { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] } },
      { type: 'strategic', fieldManager: FIELD_MANAGER },
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
