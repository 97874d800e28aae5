import { recorded } from '../support/recorded.ts';

export interface AggregatedResource {
  readonly resource: string;
  readonly responseKind: { readonly kind: string };
  readonly scope: 'Namespaced' | 'Cluster';
  readonly verbs: readonly string[];
  readonly subresources?: readonly { readonly subresource: string }[];
}

export interface AggregatedGroup {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly AggregatedResource[];
  }[];
}

interface AggregatedDiscovery {
  readonly items: readonly AggregatedGroup[];
}

export const GROUPS: readonly AggregatedGroup[] = ['api', 'apis'].flatMap(
  (root) => recorded<AggregatedDiscovery>(`discovery/aggregated-v2-${root}.json`).items,
);

/** `pods` or `deployments.apps`: how the exceptions name a resource. */
export function nameOfResource(group: string, resource: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** The collection's path, in the namespace `default` where the kind has one. */
export function pathOfKind(apiVersion: string, kind: string): string {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const served = GROUPS.find(({ metadata }) => (metadata.name ?? '') === group)?.versions.find(
    (one) => one.version === version,
  );
  const found = served?.resources.find(({ responseKind }) => responseKind.kind === kind);
  if (!found) throw new Error(`no ${kind} in the recorded discovery of ${apiVersion}`);
  return pathOfResource(group, version, found);
}

export function pathOfResource(
  group: string,
  version: string,
  { resource, scope }: AggregatedResource,
): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return scope === 'Namespaced' ? `${root}/namespaces/default/${resource}` : `${root}/${resource}`;
}
