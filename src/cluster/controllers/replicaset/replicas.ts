import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Api } from '../../api.ts';
import { isNamespaceTerminating, isNotFound, messageOf } from '../api-errors.ts';
import type { RecordEvent } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { controllerReference, metaOf } from '../object-meta.ts';
import { slowStart } from '../slow-start.ts';
import { chooseVictims } from './victims.ts';

export interface ReplicasOptions {
  readonly api: Api;
  readonly recordEvent: RecordEvent;
  readonly related: () => Iterable<Pod>;
  readonly now: number;
}

/**
 * Upstream's burst is 500. Writes are synchronous here, so fewer at a time: the Pods just made bring
 * the ReplicaSet back into the queue, and requests get their turn in between.
 */
const BURST = 100;

/** Creates the Pods that are missing or deletes the surplus; returns what went wrong, if anything. */
export function manageReplicas(
  set: ReplicaSet,
  active: readonly Pod[],
  options: ReplicasOptions,
): unknown {
  const surplus = active.length - (set.spec?.replicas ?? 1);
  if (surplus < 0) {
    return slowStart(Math.min(-surplus, BURST), () => createPod(set, options));
  }
  if (surplus === 0) return undefined;
  const { related, now } = options;
  const victims = chooseVictims(active, {
    count: Math.min(surplus, BURST),
    related: related(),
    now,
  });
  const errors = victims.flatMap((pod) => deletePod(set, pod, options));
  return errors[0];
}

function createPod(set: ReplicaSet, { api, recordEvent }: ReplicasOptions): void {
  const { namespace, name } = metaOf(set);
  const { metadata, spec } = set.spec?.template ?? {};
  try {
    const pod = api.create<Pod>(
      'pods',
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          generateName: `${name}-`,
          ...(namespace && { namespace }),
          ...(metadata?.labels && { labels: metadata.labels }),
          ...(metadata?.annotations && { annotations: metadata.annotations }),
          ...(metadata?.finalizers && { finalizers: metadata.finalizers }),
          ownerReferences: [controllerReference(set)],
        },
        ...(spec && { spec }),
      },
      { fieldManager: FIELD_MANAGER },
    );
    recordEvent(set, 'Normal', 'SuccessfulCreate', `Created pod: ${metaOf(pod).name}`);
  } catch (error) {
    if (isNamespaceTerminating(error)) return;
    recordEvent(set, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
    throw error;
  }
}

function deletePod(set: ReplicaSet, pod: Pod, { api, recordEvent }: ReplicasOptions): unknown[] {
  const { namespace, name, uid } = metaOf(pod);
  try {
    api.delete('pods', { namespace, name }, { preconditions: { uid } });
    recordEvent(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    return [];
  } catch (error) {
    if (isNotFound(error)) return [];
    recordEvent(set, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
    return [error];
  }
}
