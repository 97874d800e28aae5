import type { JsonObject } from '../json-value.ts';
import type { OpenApiV3Document } from './v3-document.ts';

/** The OpenAPI v2 document as JSON: what the v3 documents say together, in the older words. */
export function openApiV2Json(
  documents: readonly OpenApiV3Document[],
  version: string,
): JsonObject {
  const paths = Object.assign({}, ...documents.map((document) => document.paths)) as JsonObject;
  const definitions = Object.assign(
    {},
    ...documents.map(({ components }) => components.schemas),
  ) as JsonObject;
  const body: unknown = {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths,
    definitions,
  };
  const text = JSON.stringify(body, older).replaceAll('#/components/schemas/', '#/definitions/');
  return JSON.parse(text) as JsonObject;
}

// v2 has no oneOf and no allOf around a reference, and the type of a query parameter beside its name.
function older(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { oneOf, allOf, requestBody: _body, schema, ...rest } = value as JsonObject;
  if (Array.isArray(allOf)) {
    const { default: _default, ...others } = rest;
    return { ...others, ...(allOf[0] as JsonObject) };
  }
  if (oneOf) return { ...rest, type: 'string' };
  return rest['in'] === 'query' ? { ...rest, ...(schema as JsonObject) } : rest;
}
