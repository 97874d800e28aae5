import type { Pod } from 'kubernetes-types/core/v1.js';
import type { ObjectReference } from '../../kube/index.ts';

export function podReference({ metadata }: Pod): ObjectReference {
  return { resource: 'pods', namespace: metadata?.namespace, name: metadata?.name ?? '' };
}
