import type { GroupVersion } from '../group-version-kind.ts';

/** The body of `/openapi/v3`: where each group version's document lies, and the hash of its content. */
export function openApiV3Index(
  groupVersions: readonly GroupVersion[],
  hashOf: (path: string, groupVersion: GroupVersion) => string,
): {
  paths: Record<string, { serverRelativeURL: string }>;
} {
  const paths = groupVersions.map((groupVersion) => {
    const path = pathOf(groupVersion);
    const url = `/openapi/v3/${path}?hash=${hashOf(path, groupVersion)}`;
    return [path, { serverRelativeURL: url }] as const;
  });
  return { paths: Object.fromEntries(paths) };
}

export function pathOf({ group, version }: GroupVersion): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}
