import { matchesMap, type Labels } from '../labels.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Reach } from '../traffic.ts';

/**
 * The fewest keys such that every Service selects on at least one of them (greedy, which for a
 * handful of Services is the minimum); or the name of a Service that offers none.
 */
export function coverServices(
  reach: readonly Reach[],
  taboo: ReadonlySet<string>,
): readonly string[] | string {
  const offers = reach.map(({ service }) => ({
    name: service.metadata?.name ?? '',
    keys: Object.keys(service.spec?.selector ?? {}).filter((key) => !taboo.has(key)),
  }));
  const stuck = offers.find(({ keys }) => keys.length === 0);
  if (stuck) return stuck.name;
  const chosen: string[] = [];
  let open = offers;
  while (open.length > 0) {
    const counts = new Map<string, number>();
    for (const { keys } of open)
      for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    const [best] = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b))[0] ?? [];
    if (best === undefined) break;
    chosen.push(best);
    open = open.filter(({ keys }) => !keys.includes(best));
  }
  return chosen;
}

/** A Service that selects a Pod with these labels. */
export function selectedBy({ services }: Snapshot, labels: Labels): string | undefined {
  return services.find(
    ({ spec }) => spec?.type !== 'ExternalName' && matchesMap(spec?.selector, labels),
  )?.metadata?.name;
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
  return reach.map(({ service }) => {
    const own = keys.filter((key) => service.spec?.selector?.[key] !== undefined);
    return {
      name: service.metadata?.name ?? '',
      by,
      how: `without label ${own.join(', ')}`,
    };
  });
}
