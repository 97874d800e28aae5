import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { NoShell } from '../container/shell.ts';
import { findLeftovers } from '../diagnostics/index.ts';
import { ownHelper } from './findings/helper-running.ts';
import { isReady } from './listed.ts';
import type { ShutContainer, World } from './world.ts';

const podsAtOnce = 4;

/**
 * The session directories in the containers of all ready Pods; one that cannot be asked is passed over.
 * One without a shell was only ever written to through an ephemeral container, whose entry stays: where
 * there is such an entry it is told, and no other ephemeral container added to look.
 */
export async function lookInside(
  kube: Kube,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<Pick<World, 'files' | 'shut'>> {
  const waiting = pods
    .filter(isReady)
    .flatMap((pod) =>
      (pod.spec?.containers ?? []).map((container) => ({ pod, container: container.name })),
    );
  const found: World['files'][number][] = [];
  const shut: ShutContainer[] = [];
  const look = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name = '', namespace = '' } = next.pod.metadata ?? {};
      const place = { namespace, pod: name, container: next.container };
      const leftovers = await findLeftovers({ kube, ...place }, { signal }).catch(
        (error: unknown) => {
          const helper = error instanceof NoShell && helperOf(next.pod, next.container);
          if (helper) shut.push({ ...place, helper });
          return [];
        },
      );
      signal.throwIfAborted();
      found.push(...leftovers.map((leftover) => ({ ...place, ...leftover })));
    }
  };
  await Promise.all(Array.from({ length: podsAtOnce }, look));
  return { files: found, shut };
}

function helperOf({ spec }: Pod, container: string): string | undefined {
  const helpers = spec?.ephemeralContainers ?? [];
  return helpers.findLast(
    ({ name, targetContainerName }) => ownHelper.test(name) && targetContainerName === container,
  )?.name;
}
