import type { KubeObject } from '../../api.ts';
import { invalid } from '../../machinery/index.ts';
import { formatLabelSelector } from '../../store/index.ts';
import { apiVersionOf, type Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { badRequest } from '../words.ts';

/** `autoscaling/v1` Scale of a workload. */
export function scaleOf({ metadata, spec, status }: Draft): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec?.['replicas'] ?? 0 },
    status: {
      replicas: status?.['replicas'] ?? 0,
      selector: formatLabelSelector(
        spec?.['selector'] as Parameters<typeof formatLabelSelector>[0],
      ),
    },
  } as KubeObject;
}

/** What applying this Scale says of the workload; throws 400 for a body that is no Scale. */
export function workloadOf(resource: Resource, applied: unknown): object {
  const { apiVersion, kind, metadata, spec } = applied as Partial<Draft>;
  if (apiVersion !== 'autoscaling/v1' || kind !== 'Scale') {
    throw badRequest(
      `incorrect version specified in apply patch. Specified patch version: ${apiVersion}, expected: autoscaling/v1`,
    );
  }
  const replicas = spec?.['replicas'];
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: { ...metadata },
    ...(replicas !== undefined && { spec: { replicas } }),
  };
}

/** The workload with the replicas of the Scale; the Scale's resourceVersion and uid are preconditions. Throws 422. */
export function withScale(workload: Draft, scale: Draft): Draft {
  const replicas = scale.spec?.['replicas'] ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    throw invalid(
      { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      workload.metadata.name ?? '',
      [
        {
          type: 'FieldValueInvalid',
          field: 'spec.replicas',
          message: `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`,
        },
      ],
    );
  }
  const { resourceVersion, uid } = scale.metadata ?? {};
  return {
    ...workload,
    metadata: {
      ...workload.metadata,
      resourceVersion: resourceVersion ?? '',
      uid: uid ?? workload.metadata.uid ?? '',
    },
    spec: { ...workload.spec, replicas },
  };
}
