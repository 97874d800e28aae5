import type { Binding, Pod } from 'kubernetes-types/core/v1.js';
import type { KubeObject, ObjectKey } from '../../api.ts';
import type { PipelineContext, Write } from '../pipeline/context.ts';
import { timestamp } from '../pipeline/context.ts';
import { update } from '../pipeline/update.ts';
import { resourceNamed } from '../resources/registry.ts';
import { ApiError } from '../../api-error.ts';

/** Puts a Pod on a node: the scheduler's one write. Throws 409 when it already has one. */
export function bind(
  context: PipelineContext,
  key: ObjectKey,
  binding: Binding,
  write: Write,
): KubeObject {
  const nodeName = binding.target?.name ?? '';
  return update(
    context,
    resourceNamed('pods'),
    key,
    (live) => {
      const pod = live as Pod;
      requireUnbound(key, pod);
      const condition = {
        type: 'PodScheduled',
        status: 'True',
        lastTransitionTime: timestamp(context.now()),
      };
      const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== condition.type);
      return {
        ...pod,
        metadata: {
          ...pod.metadata,
          annotations: { ...pod.metadata?.annotations, ...binding.metadata?.annotations },
        },
        spec: { ...pod.spec, nodeName },
        status: { ...pod.status, conditions: [...others, condition] },
      };
    },
    { ...write, subresource: 'binding' },
  );
}

function requireUnbound({ name }: ObjectKey, { metadata, spec }: Pod): void {
  const refuse = (why: string) =>
    new ApiError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on pods/binding "${name}": ${why}`,
      { name, kind: 'pods/binding' },
    );
  if (metadata?.deletionTimestamp) {
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (spec?.nodeName) throw refuse(`pod ${name} is already assigned to node "${spec.nodeName}"`);
}
