import { apiVersionOf } from '../group-version-kind.ts';
import { isObject } from '../json-value.ts';

export interface TableOptions {
  readonly includeObject: 'Metadata' | 'None' | 'Object';
  readonly now: Date;
}

export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object?: unknown;
}

/** `meta.k8s.io/v1` Table; the caller sets list metadata. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: Record<string, unknown>;
  readonly columnDefinitions: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

/** What `kubectl get` prints of these objects. */
export function toTable(
  resource: { readonly group: string; readonly version: string; readonly plural: string },
  objects: readonly unknown[],
  options: TableOptions,
): Table {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
      { name: 'Created At', type: 'date', format: '', description: '', priority: 0 },
    ],
    rows: objects.map((object) => {
      const metadata = isObject(object) && isObject(object['metadata']) ? object['metadata'] : {};
      return {
        cells: [metadata['name'], metadata['creationTimestamp']],
        ...(options.includeObject === 'Metadata' && {
          object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
        }),
        ...(options.includeObject === 'Object' && {
          object: { apiVersion: apiVersionOf(resource), ...(object as object) },
        }),
      };
    }),
  };
}
