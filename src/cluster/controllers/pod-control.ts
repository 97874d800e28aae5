import type { Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import type { Api, KubeObject } from '../api.ts';
import { isNamespaceTerminating, isNotFound, messageOf } from './api-errors.ts';
import type { RecordEvent } from './event-recorder.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { controllerReference, metaOf } from './object-meta.ts';

export interface PodControl {
  readonly api: Api;
  readonly recordEvent: RecordEvent;
  /** Instead of the owner's name and a dash. */
  readonly generateName?: string;
}

/** Creates a Pod of the owner's from a template, under a name of the API server's choice. */
export function createPod(
  owner: KubeObject,
  template: PodTemplateSpec | undefined,
  { api, recordEvent, generateName }: PodControl,
): void {
  const { namespace, name } = metaOf(owner);
  const { metadata, spec } = template ?? {};
  try {
    const pod = api.create<Pod>(
      'pods',
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          generateName: generateName ?? `${name}-`,
          ...(namespace && { namespace }),
          ...(metadata?.labels && { labels: metadata.labels }),
          ...(metadata?.annotations && { annotations: metadata.annotations }),
          ...(metadata?.finalizers && { finalizers: metadata.finalizers }),
          ownerReferences: [controllerReference(owner)],
        },
        ...(spec && { spec }),
      },
      { fieldManager: FIELD_MANAGER },
    );
    recordEvent(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${metaOf(pod).name}`);
  } catch (error) {
    if (isNamespaceTerminating(error)) return;
    recordEvent(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
    throw error;
  }
}

/** Deletes a Pod of the owner's; returns what went wrong, if anything. */
export function deletePod(
  owner: KubeObject,
  pod: Pod,
  { api, recordEvent }: PodControl,
): readonly unknown[] {
  const { namespace, name, uid } = metaOf(pod);
  try {
    api.delete('pods', { namespace, name }, { preconditions: { uid } });
    recordEvent(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    return [];
  } catch (error) {
    if (isNotFound(error)) return [];
    recordEvent(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
    return [error];
  }
}
