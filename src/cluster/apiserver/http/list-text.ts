import { toTable } from '../../machinery/index.ts';
import type { Entry } from '../../store/index.ts';
import { apiVersionOf } from '../resources/resource.ts';
import type { Page } from './list-page.ts';
import { partialMetadataJson, type Presentation, served, servedJson } from './present.ts';

/** A list as text: all before its first item, and then each item in its parts, made when its turn comes. */
export interface ListText {
  readonly head: string;
  readonly items: Iterable<readonly Buffer[]>;
}

/** The page as the client asked for it; most of it is JSON that the store has already. */
export function listText(presentation: Presentation, { entries, metadata }: Page): ListText {
  const { resource, representation } = presentation;
  switch (representation) {
    case 'object':
      return {
        head: before('items', {
          kind: `${resource.kind}List`,
          apiVersion: apiVersionOf(resource),
          metadata,
        }),
        items: plainItems(presentation, entries),
      };
    case 'PartialObjectMetadata':
      return {
        head: before('items', {
          kind: 'PartialObjectMetadataList',
          apiVersion: META_VERSION,
          metadata,
        }),
        items: partialItems(presentation, entries),
      };
    case 'Table': {
      const { columnDefinitions } = toTable(resource, [], { includeObject: 'None', now: NEVER });
      return {
        head: before('rows', {
          kind: 'Table',
          apiVersion: META_VERSION,
          metadata,
          columnDefinitions,
        }),
        items: rows(presentation, entries),
      };
    }
    default:
      throw new TypeError(`no such representation: ${representation satisfies never}`);
  }
}

const META_VERSION = 'meta.k8s.io/v1';
const NEVER = new Date(0);

function before(list: string, fields: object): string {
  return `${JSON.stringify(fields).slice(0, -1)},"${list}":[`;
}

/** Items of a list go without kind and apiVersion, which stand first in an object's JSON. */
function* plainItems(
  { resource }: Presentation,
  entries: readonly Entry[],
): Generator<readonly Buffer[]> {
  const typeMeta = `{"kind":"${resource.kind}","apiVersion":"${apiVersionOf(resource)}",`;
  for (const entry of entries) {
    yield [OPEN, servedJson(resource, entry).subarray(typeMeta.length)];
  }
}

function* partialItems(
  { resource }: Presentation,
  entries: readonly Entry[],
): Generator<readonly Buffer[]> {
  for (const entry of entries) yield partialMetadataJson(resource, entry);
}

/** Few enough that a slice of them is printed in a moment. */
const ROWS_AT_ONCE = 50;

/** Only the cells are made for this request (they tell ages): the rest of a row is in the store. */
function* rows(
  { resource, includeObject }: Presentation,
  entries: readonly Entry[],
): Generator<readonly Buffer[]> {
  const now = new Date();
  for (let start = 0; start < entries.length; start += ROWS_AT_ONCE) {
    const slice = entries.slice(start, start + ROWS_AT_ONCE);
    const objects = slice.map(({ object }) => served(resource, object));
    const table = toTable(resource, objects, { includeObject: 'None', now });
    for (const [index, { object: _, ...row }] of table.rows.entries()) {
      yield [
        Buffer.from(`${JSON.stringify(row).slice(0, -1)},"object":`),
        ...rowObject(slice[index]!),
        CLOSE,
      ];
    }
  }

  function rowObject(entry: Entry): readonly Buffer[] {
    switch (includeObject) {
      case 'None':
        return [NULL];
      case 'Object':
        return [servedJson(resource, entry)];
      case 'Metadata':
        return partialMetadataJson(resource, entry);
    }
  }
}

const OPEN = Buffer.from('{');
const CLOSE = Buffer.from('}');
const NULL = Buffer.from('null');
