import type { Pod } from 'kubernetes-types/core/v1.js';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import { type Changes, isAvailable, type Picture, rolloutBounds } from './changes.ts';
import { placementOn } from './placement.ts';
import { isUpdated } from './template.ts';

/** The next step of a rollout: which old Pods go, or on which nodes a new one comes beside the old. */
export function rollOut(picture: Picture): Changes {
  const { set, nodes, pods } = picture;
  const running = new Map(
    nodes
      .filter((node) => placementOn(set, node) === 'runs')
      .map((node) => [metaOf(node).name, pods.get(metaOf(node).name) ?? []]),
  );
  const { surge, unavailable } = rolloutBounds(set, running.size);
  const states = new Map([...pods, ...running].map(([name, all]) => [name, stateOf(picture, all)]));
  return surge === 0
    ? { create: [], delete: replaceable(picture, [...states.values()], unavailable) }
    : surgeStep(picture, states, { surge, running });
}

interface NodeState {
  readonly newPod?: Pod | undefined;
  readonly oldPod?: Pod | undefined;
  /** Two of a kind: sorting that out comes first. */
  readonly isMuddled: boolean;
}

function stateOf({ set, hash }: Picture, pods: readonly Pod[]): NodeState {
  const staying = pods.filter((pod) => !isBeingDeleted(pod));
  const [newPod, ...moreNew] = staying.filter((pod) => isUpdated(set, pod, hash));
  const [oldPod, ...moreOld] = staying.filter((pod) => !isUpdated(set, pod, hash));
  return { newPod, oldPod, isMuddled: moreNew.length + moreOld.length > 0 };
}

/** Old Pods that are down anyway, and as many of the others as may be down. */
function replaceable(
  picture: Picture,
  states: readonly NodeState[],
  maxUnavailable: number,
): readonly Pod[] {
  let unavailable = 0;
  const down: Pod[] = [];
  const up: Pod[] = [];
  for (const { newPod, oldPod, isMuddled } of states) {
    if (isMuddled || Boolean(newPod) === Boolean(oldPod)) unavailable += 1;
    else if (newPod) unavailable += isAvailable(picture, newPod) ? 0 : 1;
    else if (oldPod) (isAvailable(picture, oldPod) ? up : down).push(oldPod);
  }
  return [...down, ...up.slice(0, Math.max(0, maxUnavailable - unavailable))];
}

function surgeStep(
  picture: Picture,
  states: ReadonlyMap<string, NodeState>,
  { surge, running }: { readonly surge: number; readonly running: ReadonlyMap<string, unknown> },
): Changes {
  let surging = 0;
  const gone: Pod[] = [];
  const down: string[] = [];
  const up: string[] = [];
  for (const [node, { newPod, oldPod, isMuddled }] of states) {
    if (isMuddled) surging += 1;
    else if (!oldPod) continue;
    else if (newPod) {
      if (isAvailable(picture, newPod)) gone.push(oldPod);
      else surging += 1;
    } else if (isAvailable(picture, oldPod)) up.push(node);
    else if (running.has(node)) down.push(node);
    else gone.push(oldPod);
  }
  return { create: [...down, ...up.slice(0, Math.max(0, surge - surging))], delete: gone };
}
