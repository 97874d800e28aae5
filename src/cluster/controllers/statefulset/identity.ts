import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import { controllerReference, metaOf } from '../object-meta.ts';
import { REVISION_LABEL } from '../revision/history.ts';
import { memberVolumes } from './claims.ts';

const NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** The number at the end of a member's name. */
export function ordinalOf(pod: Pod): number {
  const { name } = metaOf(pod);
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

/** C15: a Pod belongs to a StatefulSet by its name too, whatever its labels say. */
export function isMember(set: StatefulSet, pod: Pod): boolean {
  const { name } = metaOf(pod);
  const match = /^(.*)-(0|[1-9]\d{0,9})$/.exec(name);
  return match?.[1] === metaOf(set).name;
}

export function revisionOf(pod: Pod): string {
  return pod.metadata?.labels?.[REVISION_LABEL] ?? '';
}

/** The Pod of an ordinal, made from the template of a revision. */
export function memberPod(
  set: StatefulSet,
  {
    ordinal,
    template,
    revision,
  }: {
    readonly ordinal: number;
    readonly template: PodTemplateSpec;
    readonly revision: string;
  },
): Pod {
  const { namespace = '', name } = metaOf(set);
  const { metadata, spec } = template;
  const hostname = `${name}-${ordinal}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: hostname,
      generateName: `${name}-`,
      namespace,
      labels: {
        ...metadata?.labels,
        [INDEX_LABEL]: String(ordinal),
        [NAME_LABEL]: hostname,
        [REVISION_LABEL]: revision,
      },
      ...(metadata?.annotations && { annotations: metadata.annotations }),
      ...(metadata?.finalizers && { finalizers: metadata.finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: {
      containers: [],
      ...spec,
      ...(set.spec?.volumeClaimTemplates && {
        volumes: memberVolumes(set, ordinal, spec?.volumes ?? []),
      }),
      hostname,
      ...(set.spec?.serviceName && { subdomain: set.spec.serviceName }),
    },
  };
}

/** The labels to give back to a member from which somebody took its identity. */
export function missingIdentity(pod: Pod): Record<string, string> | undefined {
  const { name, labels } = metaOf(pod);
  if (labels?.[NAME_LABEL] === name) return undefined;
  return { [NAME_LABEL]: name, [INDEX_LABEL]: String(ordinalOf(pod)) };
}
