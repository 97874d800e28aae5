import type { Job } from 'kubernetes-types/batch/v1.js';
import type { Container, Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import { metaOf } from '../object-meta.ts';
import { failureCounts } from './index-failures.ts';
import { INDEX_KEY, TRACKING_FINALIZER } from './job-pod.ts';

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/** The template of a Job's Pod; with an index it knows it by label, annotation, variable and name. */
export function jobTemplate(
  job: Job,
  { index, replaced }: { readonly index: number | undefined; readonly replaced: Pod | undefined },
): PodTemplateSpec {
  const { metadata, spec } = job.spec?.template ?? {};
  const finalizers = [...new Set([...(metadata?.finalizers ?? []), TRACKING_FINALIZER])];
  if (index === undefined) return { metadata: { ...metadata, finalizers }, ...(spec && { spec }) };
  return {
    metadata: {
      ...metadata,
      finalizers,
      annotations: {
        ...metadata?.annotations,
        [INDEX_KEY]: String(index),
        ...failureCounts(job, replaced),
      },
      labels: { ...metadata?.labels, [INDEX_KEY]: String(index) },
    },
    spec: {
      ...spec,
      containers: (spec?.containers ?? []).map(withIndex),
      ...(spec?.initContainers && { initContainers: spec.initContainers.map(withIndex) }),
      hostname: `${metaOf(job).name}-${index}`,
    },
  };
}

export function podNamePrefix(job: Job, index: number | undefined): string {
  const { name } = metaOf(job);
  if (index === undefined) return `${name}-`;
  const suffix = `-${index}-`;
  return name.slice(0, MAX_PREFIX_LENGTH - suffix.length) + suffix;
}

/** A name of 63 characters less the five that the API server adds. */
const MAX_PREFIX_LENGTH = 58;

function withIndex(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${INDEX_KEY}']` };
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef } }] };
}
