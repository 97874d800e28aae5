import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import { isPodReady, isPodTerminal } from '../pod-status.ts';
import { type Changes, isAvailable, type Picture, rolloutBounds } from './changes.ts';
import { bySeniority, placementOn } from './placement.ts';
import { isUpdated } from './template.ts';

/**
 * One Pod on each node that should have one, none on the others. `mayRemove` says of a Pod that has
 * ended whether it may be removed yet; a new one comes when it is gone.
 */
export function manage(picture: Picture, mayRemove: (pod: Pod) => boolean): Changes {
  const known = new Set(picture.nodes.map((node) => metaOf(node).name));
  const perNode = picture.nodes.map((node) => manageNode(picture, node, mayRemove));
  const homeless = [...picture.pods]
    .filter(([node]) => !known.has(node))
    .flatMap(([, pods]) => pods)
    .filter((pod) => !pod.spec?.nodeName && !isBeingDeleted(pod));
  return {
    create: perNode.flatMap(({ create }) => create),
    delete: [...perNode.flatMap((changes) => changes.delete), ...homeless],
  };
}

function manageNode(picture: Picture, node: Node, mayRemove: (pod: Pod) => boolean): Changes {
  const { set, pods } = picture;
  const { name } = metaOf(node);
  const present = pods.get(name) ?? [];
  const staying = present.filter((pod) => !isBeingDeleted(pod));
  const placement = placementOn(set, node);
  if (placement === 'leaves') return { create: [], delete: staying };
  const create = placement === 'runs' ? [name] : [];
  if (present.length === 0) return { create, delete: [] };

  const ended = staying.filter(isPodTerminal);
  const running = staying.filter((pod) => !isPodTerminal(pod)).sort(bySeniority);
  const removed = ended.filter(mayRemove);
  if (rolloutBounds(set, 1).surge === 0) {
    // C16: of several, the oldest stays: a Pod that comes back sends its replacement away.
    return { create: [], delete: [...removed, ...running.slice(1)] };
  }
  if (running.length === 0) return { create, delete: removed };
  return { create: [], delete: [...removed, ...surplusOfSurge(picture, running)] };
}

/** Two are allowed while the old one is ready and the new one is not available yet. */
function surplusOfSurge(picture: Picture, running: readonly Pod[]): readonly Pod[] {
  const isNew = (pod: Pod): boolean => isUpdated(picture.set, pod, picture.hash);
  const newPod = running.find(isNew);
  const oldPod = running.find((pod) => !isNew(pod));
  const surplus = running.filter((pod) => pod !== newPod && pod !== oldPod);
  const isReplaced = newPod && oldPod && (!isPodReady(oldPod) || isAvailable(picture, newPod));
  return isReplaced ? [...surplus, oldPod] : surplus;
}
