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
 * The gentlest route that takes the Pod out of every Service that selects it: `label` (the owner
 * does not notice), `gate` (the Pod stays, unready), else `release` (the owner lets go of the Pod,
 * and a ReplicaSet or DaemonSet starts a replacement).
 */
export function chooseRoute(
  snapshot: Snapshot,
  reach: readonly Reach[],
  forced?: RouteName,
): RouteChoice {
  const selecting = reach.filter(({ bySelector }) => bySelector);
  if (selecting.length === 0) {
    const reasons = ['no Service selects the Pod'];
    return { name: 'none', labels: {}, services: [], reasons, rejected: [] };
  }
  const rejected: Rejection[] = [];
  let chosen: (RouteChange & { readonly name: RouteName }) | undefined;
  for (const candidate of candidates) {
    const { name, onRequest } = candidate;
    if (onRequest && !forced) {
      rejected.push({ name, reason: onRequest });
      continue;
    }
    if (forced && forced !== name) {
      rejected.push({ name, reason: `--route=${forced} was asked for` });
      continue;
    }
    if (chosen) {
      rejected.push({ name, reason: `${chosen.name} is gentler` });
      continue;
    }
    const found = candidate.find(snapshot, selecting);
    if (typeof found === 'string') rejected.push({ name, reason: found });
    else chosen = { name, ...found };
  }
  return chosen ? { ...chosen, rejected } : { name: undefined, rejected };
}

/** Why each gentler route would not do for one Service alone; one that would is said, too. */
export function rejectedFor(
  snapshot: Snapshot,
  reach: Reach,
  { name, rejected }: Extract<RouteChoice, { readonly name: RouteName }>,
): readonly Rejection[] {
  const at = candidates.findIndex((candidate) => candidate.name === name);
  return candidates.slice(0, at).flatMap((candidate) => {
    const found = candidate.find(snapshot, [reach]);
    const reason = typeof found === 'string' ? found : 'would do for this Service alone';
    const same = rejected.some((each) => each.name === candidate.name && each.reason === reason);
    return same ? [] : [{ name: candidate.name, reason }];
  });
}
