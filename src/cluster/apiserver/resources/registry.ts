import { RESOURCES } from './table.ts';
import { apiVersionOf, type Resource } from './resource.ts';

const byPath = new Map<string, Resource>(
  RESOURCES.map((resource) => [`${apiVersionOf(resource)}/${resource.plural}`, resource]),
);

/** In-process callers name kinds by plural alone; core and preferred versions stand first in the table. */
const byPlural = new Map<string, Resource>(
  RESOURCES.toReversed().map((resource) => [resource.plural, resource]),
);

/** By what stands in the path: `('apps/v1', 'deployments')`. */
export function findResource(apiVersion: string, plural: string): Resource | undefined {
  return byPath.get(`${apiVersion}/${plural}`);
}

const served = new Set(RESOURCES.map(apiVersionOf));

/** Whether there is anything under `v1`, `apps/v1`, … */
export function isServedVersion(apiVersion: string): boolean {
  return served.has(apiVersion);
}

/** The kind's storage version. Throws when the cluster does not know the plural: a programming error. */
export function resourceNamed(plural: string): Resource {
  const resource = byPlural.get(plural);
  if (!resource) throw new Error(`the cluster serves no resource named "${plural}"`);
  return resource;
}

export interface ServedGroup {
  /** '' is the core group, under /api. */
  readonly name: string;
  /** Preferred version first. */
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly Resource[];
  }[];
}

/** Groups in the table's order, core first. */
export const SERVED_GROUPS: readonly ServedGroup[] = Object.entries(
  Object.groupBy(RESOURCES, ({ group }) => group),
).map(([name, resources = []]) => ({
  name,
  versions: Object.entries(Object.groupBy(resources, ({ version }) => version)).map(
    ([version, served = []]) => ({
      version,
      resources: served.toSorted((a, b) => (a.plural < b.plural ? -1 : 1)),
    }),
  ),
}));
