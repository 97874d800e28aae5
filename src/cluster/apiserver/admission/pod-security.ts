import type { PodSpec } from 'kubernetes-types/core/v1.js';
import type { Store } from '../../store/index.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { forbidden } from '../words.ts';
import { findViolations } from './pod-security-checks.ts';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** PodSecurity: what the namespace's label `enforce` does not allow is a 403. */
export function admitPodSecurity(store: Store, resource: Resource, draft: Draft): void {
  const { name = '', generateName, namespace = '' } = draft.metadata;
  const labels = store.collection('namespaces').get(namespace)?.object.metadata?.labels ?? {};
  const level = labels[ENFORCE];
  if (level !== 'baseline' && level !== 'restricted') return;
  const violations = findViolations(draft.spec as unknown as PodSpec, level);
  if (violations.length === 0) return;
  const said = violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
  const version = labels[`${ENFORCE}-version`] ?? 'latest';
  throw forbidden(
    resource,
    generateName && !name ? generateName : name,
    `violates PodSecurity "${level}:${version}": ${said}`,
  );
}
