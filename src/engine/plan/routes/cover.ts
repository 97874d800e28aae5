import { adopterOf } from '../claimants.ts';
import { changedLabels, matchesMap, type Labels } from '../labels.ts';
import { policyEffects } from '../policies.ts';
import type { Snapshot } from '../snapshot.ts';
import { selectorOf, type Reach } from '../traffic.ts';
import { chooseKeys } from './choose-keys.ts';

/** Keys that would do, or what is in the way. */
export type Cover =
  | { readonly keys: readonly string[] }
  /** A Service that selects on nothing else. */
  | { readonly stuck: string }
  /** A workload that would take a Pod that nobody owns. */
  | { readonly adopter: string };

/**
 * The keys without which the Pod leaves every one of the Services, none of them taboo: those at
 * which the fewest budgets and policies look, and as few as may be.
 */
export function coverServices(
  snapshot: Snapshot,
  reach: readonly Reach[],
  taboo: ReadonlySet<string>,
): Cover {
  const groups = keysOf(reach, taboo);
  const stuck = reach[groups.findIndex((keys) => keys.length === 0)];
  if (stuck) return { stuck: stuck.service.metadata?.name ?? '' };
  const { owner, pod, claimants = [] } = snapshot;
  const adopter = (keys: readonly string[]) =>
    owner ? undefined : adopterOf(claimants, without(pod.metadata?.labels ?? {}, keys));
  const keys = chooseKeys(groups, costOf(snapshot), (set) => (adopter(set) ? undefined : set));
  return keys ? { keys } : { adopter: adopter(groups.flat()) ?? '' };
}

/** Of each Service the keys that it selects on. */
export function keysOf(
  reach: readonly Reach[],
  taboo: ReadonlySet<string>,
): readonly (readonly string[])[] {
  return reach.map(({ selector }) => Object.keys(selector).filter((key) => !taboo.has(key)));
}

/** How many budgets and policies see another Pod without these labels. */
export function costOf(snapshot: Snapshot): (keys: readonly string[]) => number {
  const labels = snapshot.pod.metadata?.labels ?? {};
  return (keys) => policyEffects(snapshot, labels, without(labels, keys)).length;
}

function without(labels: Labels, keys: readonly string[]): Labels {
  return changedLabels(labels, Object.fromEntries(keys.map((key) => [key, null])));
}

/** A Service that selects a Pod with these labels. */
export function selectedBy({ services }: Snapshot, labels: Labels): string | undefined {
  return services.find((service) => matchesMap(selectorOf(service), labels))?.metadata?.name;
}

export function serviceNames(reach: readonly Reach[]): string {
  return reach.map(({ service }) => `service/${service.metadata?.name}`).join(', ');
}

/** By which of the changed labels each Service is left. */
export function leftByLabel<By extends string>(
  reach: readonly Reach[],
  by: By,
  keys: readonly string[],
): { readonly name: string; readonly by: By; readonly how: string }[] {
  return reach.map(({ service, selector }) => {
    const own = keys.filter((key) => selector[key] !== undefined);
    return {
      name: service.metadata?.name ?? '',
      by,
      how: `without label ${own.join(', ')}`,
    };
  });
}
