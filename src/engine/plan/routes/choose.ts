import type { RouteName } from '../plan.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Reach } from '../traffic.ts';
import { gate } from './gate.ts';
import { label } from './label.ts';
import { release } from './release.ts';
import type { RouteCandidate, RouteChange } from './route-change.ts';
import { selector } from './selector.ts';

/** The gentlest first. */
const candidates: readonly RouteCandidate[] = [label, gate, release, selector];

interface Rejection {
  readonly name: RouteName;
  readonly reason: string;
}

export type RouteChoice =
  | (RouteChange & { readonly name: RouteName; readonly rejected: readonly Rejection[] })
  | { readonly name: undefined; readonly rejected: readonly Rejection[] };

/**
 * The gentlest route that takes the Pod out of every Service that reaches it: `label` (the owner
 * does not notice), else `release` (the owner lets go of the Pod, and a ReplicaSet or DaemonSet
 * starts a replacement).
 */
export function chooseRoute(
  snapshot: Snapshot,
  reach: readonly Reach[],
  forced?: RouteName,
): RouteChoice {
  const stubborn = reach.find(({ bySelector }) => !bySelector);
  if (stubborn) {
    const slices = stubborn.slices.map(({ metadata }) => metadata?.name).join(', ');
    const reason =
      `service/${stubborn.service.metadata?.name} does not select the Pod, yet endpointslice ${slices} ` +
      `lists it: no label of the Pod changes that`;
    return { name: undefined, rejected: candidates.map(({ name }) => ({ name, reason })) };
  }
  if (reach.length === 0) {
    const reasons = ['no Service sends traffic to the Pod'];
    return { name: 'none', labels: {}, services: [], reasons, rejected: [] };
  }
  const rejected: Rejection[] = [];
  let chosen: (RouteChange & { readonly name: RouteName }) | undefined;
  for (const candidate of candidates) {
    const { name } = candidate;
    if (forced && forced !== name) {
      rejected.push({ name, reason: `--route=${forced} was asked for` });
      continue;
    }
    if (!forced && candidate.onRequest) {
      rejected.push({ name, reason: candidate.onRequest });
      continue;
    }
    if (chosen) {
      rejected.push({ name, reason: `${chosen.name} is gentler` });
      continue;
    }
    const found = candidate.find(snapshot, reach);
    if (typeof found === 'string') rejected.push({ name, reason: found });
    else chosen = { name, ...found };
  }
  return chosen ? { ...chosen, rejected } : { name: undefined, rejected };
}
