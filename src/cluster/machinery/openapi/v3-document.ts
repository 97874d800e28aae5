import type { GroupVersion } from '../group-version-kind.ts';
import type { JsonObject } from '../json-value.ts';
import { type StructType, typeOf } from '../schema/types.ts';
import { pathOf } from './v3-index.ts';
import type { Descriptions } from './descriptions.ts';
import { qualifiedName } from './go-package.ts';
import { componentSchemas, listSchema } from './v3-schemas.ts';

/** One kind as the API server serves it; what the paths are made from. */
export interface ServedResource {
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface OpenApiV3Document {
  readonly openapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonObject>> };
}

/**
 * The document of one group version: its paths, whose PATCH operations tell kubectl what the server
 * can do, and the structure of its kinds, by which kubectl merges and explains.
 */
export function openApiV3Document(
  groupVersion: GroupVersion,
  resources: readonly ServedResource[],
  { version, descriptions }: { readonly version: string; readonly descriptions: Descriptions },
): OpenApiV3Document {
  const paths: Record<string, JsonObject> = {};
  const structs = new Map<string, StructType>();
  for (const resource of resources) {
    const type = typeOf({ ...groupVersion, kind: resource.kind });
    if (type.kind === 'struct') structs.set(resource.kind, type);
    Object.assign(paths, resourcePaths(groupVersion, resource));
  }
  const schemas = componentSchemas([...structs.values()], descriptions);
  for (const [kind, struct] of structs) {
    const name = qualifiedName(struct);
    const served = (one: string) => ({
      'x-kubernetes-group-version-kind': [
        { group: groupVersion.group, kind: one, version: groupVersion.version },
      ],
    });
    schemas[`${name}List`] = { ...listSchema(struct), ...served(`${kind}List`) };
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: `v${version}` },
    paths,
    components: { schemas },
  };
}

const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

function resourcePaths(
  { group, version }: GroupVersion,
  { plural, kind, namespaced }: ServedResource,
): Record<string, JsonObject> {
  const gvk = { group, version, kind };
  const operation = (action: string, parameters: readonly string[] = []) => ({
    ...(parameters.length > 0 && { parameters: parameters.map(queryParameter) }),
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  });
  const writing = ['dryRun', 'fieldManager', 'fieldValidation'];
  const root = `/${pathOf({ group, version })}`;
  const scope = namespaced ? `${root}/namespaces/{namespace}` : root;
  const collection = {
    get: operation('list'),
    post: operation('post', writing),
    delete: operation('deletecollection', ['dryRun']),
  };
  const item = {
    get: operation('get'),
    put: operation('put', writing),
    patch: {
      ...operation('patch', [...writing, 'force']),
      requestBody: { content: Object.fromEntries(patchTypes.map((type) => [type, {}])) },
    },
    delete: operation('delete', ['dryRun']),
  };
  return {
    ...(namespaced && { [`${root}/${plural}`]: { get: operation('list') } }),
    [`${scope}/${plural}`]: collection,
    [`${scope}/${plural}/{name}`]: item,
  };
}

function queryParameter(name: string): JsonObject {
  const type = name === 'force' ? 'boolean' : 'string';
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}
