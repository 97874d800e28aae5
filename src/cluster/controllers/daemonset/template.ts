import type { DaemonSet } from 'kubernetes-types/apps/v1.js';
import type { Affinity, Pod, PodTemplateSpec, Toleration } from 'kubernetes-types/core/v1.js';
import { REVISION_LABEL } from '../revision/history.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';

const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';
const GENERATION_LABEL = 'pod-template-generation';

/** The template of the set's Pod on one node: it tolerates what ails nodes, and fits no other node. */
export function daemonTemplate(
  set: DaemonSet,
  { hash, nodeName }: { readonly hash: string; readonly nodeName: string },
): PodTemplateSpec {
  const { metadata, spec } = set.spec?.template ?? {};
  const generation = set.metadata?.annotations?.[GENERATION_ANNOTATION];
  return {
    metadata: {
      ...metadata,
      labels: {
        ...metadata?.labels,
        ...(generation !== undefined && { [GENERATION_LABEL]: generation }),
        [REVISION_LABEL]: hash,
      },
    },
    spec: {
      containers: [],
      ...spec,
      tolerations: daemonTolerations(set),
      affinity: onNode(spec?.affinity, nodeName),
    },
  };
}

/** A Pod counts as updated by its revision, or by the generation that came before revisions. */
export function isUpdated(set: DaemonSet, { metadata }: Pod, hash: string): boolean {
  const generation = set.metadata?.annotations?.[GENERATION_ANNOTATION];
  return (
    metadata?.labels?.[REVISION_LABEL] === hash ||
    (generation !== undefined && metadata?.labels?.[GENERATION_LABEL] === generation)
  );
}

export function daemonTolerations({ spec }: DaemonSet): Toleration[] {
  const pod = spec?.template.spec;
  const own = pod?.tolerations ?? [];
  const added = Object.entries({
    ...TOLERATED,
    ...(pod?.hostNetwork && { 'network-unavailable': 'NoSchedule' }),
  }).map(([condition, effect]) => ({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
    effect,
  }));
  return [...own, ...added.filter((each) => !own.some((mine) => isSemanticallyEqual(mine, each)))];
}

const TOLERATED = {
  'not-ready': 'NoExecute',
  unreachable: 'NoExecute',
  'disk-pressure': 'NoSchedule',
  'memory-pressure': 'NoSchedule',
  'pid-pressure': 'NoSchedule',
  unschedulable: 'NoSchedule',
};

/** Takes the place of whatever nodes the template requires: this one was chosen by them. */
function onNode(affinity: Affinity | undefined, nodeName: string): Affinity {
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] },
        ],
      },
    },
  };
}
