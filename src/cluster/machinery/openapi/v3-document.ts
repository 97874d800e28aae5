import type { GroupVersion } from '../group-version-kind.ts';

/** One kind as the API server serves it; what the OpenAPI paths are made from. */
export interface ServedResource {
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The OpenAPI v3 document of one group version. */
export function openApiV3Document(
  groupVersion: GroupVersion,
  resources: readonly ServedResource[],
): unknown {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths: Object.fromEntries(
      resources.map(({ plural, kind }) => [
        `/${plural}/{name}`,
        { patch: { 'x-kubernetes-group-version-kind': { ...groupVersion, kind } } },
      ]),
    ),
  };
}
