import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { findLeftovers } from '../diagnostics/index.ts';
import { isReady } from './listed.ts';
import type { SessionFiles } from './world.ts';

const podsAtOnce = 4;

/** The session directories in the containers of all ready Pods; one that cannot be asked is passed over. */
export async function lookInside(
  kube: Kube,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<readonly SessionFiles[]> {
  const waiting = pods
    .filter(isReady)
    .flatMap((pod) =>
      (pod.spec?.containers ?? []).map((container) => ({ pod, container: container.name })),
    );
  const found: SessionFiles[] = [];
  const look = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name = '', namespace = '' } = next.pod.metadata ?? {};
      const place = { namespace, pod: name, container: next.container };
      const leftovers = await findLeftovers({ kube, ...place }, { signal }).catch(() => []);
      signal.throwIfAborted();
      found.push(...leftovers.map((leftover) => ({ ...place, ...leftover })));
    }
  };
  await Promise.all(Array.from({ length: podsAtOnce }, look));
  return found;
}
