import type { KubeObject } from '../../api.ts';
import { toTable } from '../../machinery/index.ts';
import type { Entry } from '../../store/index.ts';
import type { Resource } from '../resources/resource.ts';
import type { Representation } from './accept.ts';

export type IncludeObject = 'Metadata' | 'None' | 'Object';

/** How the objects of one request go out. */
export interface Presentation {
  readonly resource: Resource;
  readonly representation: Representation;
  readonly includeObject: IncludeObject;
}

/** The object in the version that was asked for. */
export function served(resource: Resource, object: KubeObject): KubeObject {
  return resource.storedAs
    ? resource.storedAs.fromStored(object as Record<string, unknown>)
    : object;
}

/** The object's JSON in a stored revision: made once for all, unless it is converted on the way. */
export function servedJson(resource: Resource, entry: Entry): Buffer {
  return resource.storedAs
    ? Buffer.from(JSON.stringify(served(resource, entry.object)))
    : entry.json;
}

const PARTIAL_HEAD = Buffer.from(
  '{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":',
);
const PARTIAL_END = Buffer.from('}');

/** The same for PartialObjectMetadata, in its parts. */
export function partialMetadataJson(resource: Resource, entry: Entry): readonly Buffer[] {
  const metadata = resource.storedAs
    ? Buffer.from(JSON.stringify(served(resource, entry.object).metadata ?? {}))
    : entry.metadataJson;
  return [PARTIAL_HEAD, metadata, PARTIAL_END];
}

/** A single object as the client asked for it. */
export function present(
  presentation: Presentation,
  object: KubeObject,
  withColumns = true,
): unknown {
  const { resource, representation, includeObject } = presentation;
  const visible = served(resource, object);
  switch (representation) {
    case 'object':
      return visible;
    case 'PartialObjectMetadata':
      return partialMetadata(visible);
    case 'Table': {
      const table = toTable(resource, [visible], { includeObject, now: new Date() });
      const { resourceVersion } = visible.metadata ?? {};
      return {
        ...table,
        metadata: resourceVersion ? { resourceVersion } : {},
        columnDefinitions: withColumns ? table.columnDefinitions : [],
      };
    }
    default:
      throw new TypeError(`no such representation: ${representation satisfies never}`);
  }
}

export function partialMetadata({ metadata }: KubeObject): KubeObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    ...(metadata && { metadata }),
  };
}

/** `includeObject` of the query; absent = Metadata, as upstream. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject');
  return value === 'None' || value === 'Object' ? value : 'Metadata';
}
