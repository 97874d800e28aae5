import type { DaemonSetStatus } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { metaOf } from '../object-meta.ts';
import { isPodReady } from '../pod-status.ts';
import { dropZeros } from '../status-counts.ts';
import { isAvailable, type Picture } from './changes.ts';
import { bySeniority, placementOn } from './placement.ts';
import { isUpdated } from './template.ts';

/** Counts nodes, by the most senior Pod of each. */
export function daemonSetStatus(
  picture: Picture,
  collisionCount: number | undefined,
): DaemonSetStatus {
  const { set, nodes, pods, hash } = picture;
  const seniorOn = (name: string): Pod | undefined => pods.get(name)?.toSorted(bySeniority)[0];
  const desired = nodes.filter((node) => placementOn(set, node) === 'runs');
  const seniors = desired.flatMap((node) => seniorOn(metaOf(node).name) ?? []);
  const ready = seniors.filter(isPodReady);
  const available = ready.filter((pod) => isAvailable(picture, pod)).length;
  const misplaced = nodes.filter((node) => !desired.includes(node) && seniorOn(metaOf(node).name));
  const { conditions } = set.status ?? {};
  return {
    currentNumberScheduled: seniors.length,
    numberMisscheduled: misplaced.length,
    desiredNumberScheduled: desired.length,
    numberReady: ready.length,
    ...dropZeros({
      observedGeneration: set.metadata?.generation ?? 0,
      updatedNumberScheduled: seniors.filter((pod) => isUpdated(set, pod, hash)).length,
      numberAvailable: available,
      numberUnavailable: desired.length - available,
    }),
    ...(collisionCount !== undefined && { collisionCount }),
    ...(conditions && { conditions }),
  };
}
