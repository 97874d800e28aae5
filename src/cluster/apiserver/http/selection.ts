import type { KubeObject } from '../../api.ts';
import { parseFieldSelector, parseLabelSelector } from '../../store/index.ts';
import { METADATA_FIELDS } from '../resources/field-readers.ts';
import type { Resource } from '../resources/resource.ts';

/** Which objects of a kind a list or watch is about. */
export interface Selection {
  readonly namespace: string | undefined;
  /** True when a selector of any kind is given: then nobody can say how many remain. */
  readonly isFiltered: boolean;
  readonly matches: (object: KubeObject) => boolean;
}

/** Reads the selectors of the query; throws 400 in upstream's words. */
export function selectionOf(
  resource: Resource,
  path: { readonly namespace?: string; readonly name?: string },
  query: URLSearchParams,
): Selection {
  const { namespace, name } = path;
  const labelSelector = query.get('labelSelector') ?? '';
  const fieldSelector = query.get('fieldSelector') ?? '';
  const hasLabels = parseLabelSelector(labelSelector);
  const hasFields = parseFieldSelector(fieldSelector, { ...METADATA_FIELDS, ...resource.fields });
  return {
    namespace,
    isFiltered: labelSelector !== '' || fieldSelector !== '' || name !== undefined,
    matches: (object) =>
      (!namespace || object.metadata?.namespace === namespace) &&
      (!name || object.metadata?.name === name) &&
      hasLabels(object.metadata?.labels) &&
      hasFields(object),
  };
}
