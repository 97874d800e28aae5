import { printingOf, kindOf } from '../../machinery/index.ts';
import type { Resource, Subresource, Verb } from './resource.ts';

export const ALL_VERBS: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];
/** The verbs of a subresource that is a part or a view of the object. */
export const WRITE: readonly Verb[] = ['get', 'patch', 'update'];

/** What is particular about a kind; everything else is as with most. */
export type Row = Pick<Resource, 'kind' | 'plural'> & Partial<Resource>;

/** The kinds of one group version. */
export function rows(group: string, version: string, list: readonly Row[]): Resource[] {
  return list.map((row) => {
    const subresources = row.subresources ?? [];
    const status: Subresource = { name: 'status', kind: row.kind, verbs: WRITE };
    const { hasStatus = false } = row;
    return {
      singular: row.kind.toLowerCase(),
      shortNames: [],
      categories: [],
      namespaced: false,
      verbs: ALL_VERBS,
      fields: {},
      strategy: {},
      hasGeneration: false,
      allowsUnconditionalUpdate: true,
      createsOnUpdate: false,
      returnsDeletedObject: false,
      ...kindOf({ group, version, kind: row.kind }),
      ...printingOf(group, row.plural),
      ...row,
      hasStatus,
      subresources: (hasStatus ? [...subresources, status] : subresources).toSorted((a, b) =>
        a.name < b.name ? -1 : 1,
      ),
    };
  });
}
