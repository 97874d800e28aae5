import type { GroupVersion } from '../group-version-kind.ts';

/** The body of `/openapi/v3`: where each group version's document lies. */
export function openApiV3Index(groupVersions: readonly GroupVersion[]): {
  paths: Record<string, { serverRelativeURL: string }>;
} {
  const paths = groupVersions.map((groupVersion) => {
    const path = pathOf(groupVersion);
    return [path, { serverRelativeURL: `/openapi/v3/${path}` }] as const;
  });
  return { paths: Object.fromEntries(paths) };
}

export function pathOf({ group, version }: GroupVersion): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}
