import type { Entry, Store } from '../../store/index.ts';
import type { Resource } from '../resources/resource.ts';
import { badRequest, expired, futureRevision } from '../words.ts';
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts';
import { type ListOptions, revisionOf } from './list-options.ts';
import type { Selection } from './selection.ts';

/** One page of a list: what is on it, and how to come by the next. */
export interface Page {
  readonly entries: readonly Entry[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

/** Throws 410 when the state asked for is compacted, 504 when it lies in the future. */
export function pageOf(
  store: Store,
  resource: Resource,
  selection: Selection,
  options: ListOptions,
): Page {
  const prefix = selection.namespace ? `${selection.namespace}/` : '';
  const { revision, start, entries } = stateOf(store, resource, selection, options);
  const from = entries.findIndex(({ key }) => key >= prefix + start.slice(1));
  const matching = (from < 0 ? [] : entries.slice(from)).filter(({ object }) =>
    selection.matches(object),
  );
  const resourceVersion = String(revision);
  if (options.limit <= 0 || matching.length <= options.limit) {
    return { entries: matching, metadata: { resourceVersion } };
  }
  const shown = matching.slice(0, options.limit);
  const next = `/${shown.at(-1)!.key.slice(prefix.length)}\0`;
  store.collection(resource.plural).keep(revision, selection.namespace, entries);
  return {
    entries: shown,
    metadata: {
      resourceVersion,
      continue: encodeContinueToken({ revision, start: next }),
      ...(!selection.isFiltered && { remainingItemCount: matching.length - shown.length }),
    },
  };
}

interface State {
  readonly revision: number;
  readonly start: string;
  readonly entries: readonly Entry[];
}

function stateOf(
  store: Store,
  resource: Resource,
  { namespace }: Selection,
  options: ListOptions,
): State {
  const collection = store.collection(resource.plural);
  const { resourceVersion, resourceVersionMatch: match } = options;
  if (options.continue !== '') {
    const { revision, start } = decodeContinueToken(options.continue);
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    if (revision > store.revision) throw futureRevision(revision, store.revision);
    if (revision < 0)
      return { revision: store.revision, start, entries: collection.entries(namespace) };
    const entries = collection.entriesAt(revision, namespace);
    if (!entries) throw expiredToken(start);
    return { revision, start, entries };
  }
  const requested = revisionOf(resourceVersion);
  if (requested > store.revision) throw futureRevision(requested, store.revision);
  const isExact = match === 'Exact' || (match === '' && options.limit > 0 && requested > 0);
  if (!isExact)
    return { revision: store.revision, start: '', entries: collection.entries(namespace) };
  const entries = collection.entriesAt(requested, namespace);
  if (!entries) throw expired('The resourceVersion for the provided list is too old.');
  return { revision: requested, start: '', entries };
}

/** The token in the answer goes on from the same key in whatever state there is by then. */
function expiredToken(start: string): Error {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  Object.assign(error.status.metadata ?? {}, {
    continue: encodeContinueToken({ revision: -1, start }),
  });
  return error;
}
