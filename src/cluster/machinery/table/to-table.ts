import { isObject, type JsonObject } from '../json-value.ts';
import { type Printer } from './cells.ts';
import { cluster } from './cluster.ts';
import { columnsOf } from './columns.ts';
import { eventCells } from './events.ts';
import { extensions } from './extensions.ts';
import { since } from './human-duration.ts';
import { networking } from './networking.ts';
import { podCells } from './pods.ts';
import { storage } from './storage.ts';
import { workloads } from './workloads.ts';

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

interface TableRow {
  readonly cells: readonly unknown[];
  readonly conditions?: readonly JsonObject[];
  readonly object: unknown;
}

/** `meta.k8s.io/v1` Table; the caller sets the list's metadata. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: JsonObject;
  readonly columnDefinitions: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

const printers: Readonly<Record<string, Printer>> = {
  events: eventCells,
  'events.k8s.io/events': eventCells,
  pods: podCells,
  ...cluster,
  ...extensions,
  ...networking,
  ...storage,
  ...workloads,
};

/** How a resource's objects stand in a Table. */
export interface Printing {
  readonly columns: () => readonly TableColumn[];
  /** Undefined where the columns are a name and a creation time. */
  readonly print: Printer | undefined;
}

export function printingOf(group: string, plural: string): Printing {
  const print = printers[group === '' ? plural : `${group}/${plural}`];
  return { columns: columnsOf(group, plural), print };
}

/** What `kubectl get` prints of these objects; kinds without a printer have a name and a creation time. */
export function toTable(
  { columns, print, plural }: Pick<Printing, 'columns' | 'print'> & { readonly plural: string },
  objects: readonly unknown[],
  { includeObject, now }: TableOptions,
): Table {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: columns(),
    rows: objects.map((object) => {
      const metadata = isObject(object) && isObject(object['metadata']) ? object['metadata'] : {};
      const createdAt = metadata['creationTimestamp'] as string | undefined;
      const cells = print
        ? print(object as never, { now, age: since(createdAt, now) })
        : [metadata['name'], createdAt];
      const conditions = plural === 'pods' ? completion(object) : undefined;
      return {
        cells,
        ...(conditions && { conditions }),
        object: included(object, metadata, includeObject),
      };
    }),
  };
}

function included(
  object: unknown,
  metadata: JsonObject,
  includeObject: TableOptions['includeObject'],
): unknown {
  switch (includeObject) {
    case 'None':
      return null;
    case 'Object':
      return object;
    case 'Metadata':
      return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
  }
}

// A row's condition tells printers which Pods are done.
function completion(object: unknown): JsonObject[] | undefined {
  const status = isObject(object) && isObject(object['status']) ? object['status'] : {};
  const messages: Readonly<Record<string, string>> = {
    Succeeded: 'The pod has completed successfully.',
    Failed: 'The pod failed.',
  };
  const reason = String(status['phase']);
  const message = messages[reason];
  return message === undefined
    ? undefined
    : [{ type: 'Completed', status: 'True', reason, message }];
}
