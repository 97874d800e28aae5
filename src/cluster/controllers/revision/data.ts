import type { ControllerRevision } from 'kubernetes-types/apps/v1.js';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import { canonicalJson } from '../deployment/template-hash.ts';

/**
 * What a ControllerRevision remembers: the strategic merge patch that brings the template back. Its
 * keys are sorted, because `kubectl rollout undo` compares bytes.
 */
export function revisionData(template: PodTemplateSpec): object {
  return JSON.parse(
    canonicalJson({ spec: { template: { ...template, $patch: 'replace' } } }),
  ) as object;
}

export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { spec } = data as unknown as { spec: { template: PodTemplateSpec & { $patch?: string } } };
  const { $patch: _, ...template } = spec.template;
  return template;
}
