import type { Pod } from 'kubernetes-types/core/v1.js';
import { amountOf } from './quantity.ts';

/** Of one processor, what the container's limit allows: work in one thread takes that much longer. */
export function processorShare(pod: Pod, containerName: string): number {
  const container = pod.spec?.containers.find(({ name }) => name === containerName);
  const limit = container?.resources?.limits?.['cpu'];
  return Math.min(1, (limit === undefined ? undefined : amountOf(limit)) || 1);
}
