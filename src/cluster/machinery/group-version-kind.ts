/** A kind as it is served: `{ group: 'apps', version: 'v1', kind: 'Deployment' }`; group '' is core. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** `v1` or `apps/v1`, as objects carry it. */
export function apiVersionOf({ group, version }: GroupVersion): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The reverse of `apiVersionOf`. */
export function parseApiVersion(apiVersion: string): GroupVersion {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** `Service` or `Deployment.apps`, as error messages name a kind. */
export function qualifiedKind({ group, kind }: GroupVersionKind): string {
  return group === '' ? kind : `${kind}.${group}`;
}
