import { changedLabels } from '../labels.ts';
import { coverServices, leftByLabel, selectedBy, serviceNames } from './cover.ts';
import { describeOwner, keptLabels, unknownOwner } from './owner.ts';
import type { RouteCandidate } from './route-change.ts';

/** Keys that the Services select on and the owner does not: the owner does not notice. */
export const label: RouteCandidate = {
  name: 'label',
  find(snapshot, reach) {
    const { owner } = snapshot;
    const kept = owner ? keptLabels(owner) : [];
    if (owner && !kept) return unknownOwner(owner);
    const cover = coverServices(snapshot, reach, new Set(kept));
    if ('adopter' in cover) return `without its labels ${cover.adopter} would adopt the Pod`;
    if ('stuck' in cover) {
      return `service/${cover.stuck} selects only on labels by which ${owner && describeOwner(owner)} holds the Pod`;
    }
    const { keys } = cover;
    const change = Object.fromEntries(keys.map((key) => [key, null]));
    const left = selectedBy(snapshot, changedLabels(snapshot.pod.metadata?.labels ?? {}, change));
    if (left) return `service/${left} would select the Pod after the change`;
    const verb = reach.length === 1 ? 'selects' : 'select';
    const selecting = `${serviceNames(reach)} ${verb} on ${keys.join(', ')}`;
    return {
      labels: change,
      services: leftByLabel(reach, 'label', keys),
      reasons: [
        owner
          ? `${selecting}, which ${describeOwner(owner)} does not select on: the Pod stays owned`
          : `${selecting}, and nothing owns the Pod`,
      ],
    };
  },
};
