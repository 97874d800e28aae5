import type { ApiError } from '../../api-error.ts';
import type { Change, Collection, Store } from '../../store/index.ts';
import { expired, futureRevision } from '../words.ts';
import { bookmarkFrame, eventFrame, type EventType, line } from './event-frame.ts';
import { type Exchange, warningHeader } from './exchange.ts';
import { flusherOf } from './flusher.ts';
import type { ListOptions } from './list-options.ts';
import type { Presentation } from './present.ts';
import type { Selection } from './selection.ts';
import { WatchStream } from './watch-stream.ts';

const BOOKMARK_PERIOD_MS = 60_000;
const DEFAULT_TIMEOUT_SECONDS = 30 * 60;
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

/** Answers a watch: first what the options ask for of the past, then every change until the client leaves or the time is up. */
export function serveWatch(
  exchange: Exchange,
  store: Store,
  presentation: Presentation,
  selection: Selection,
  options: ListOptions,
): void {
  const { response } = exchange;
  const collection = store.collection(presentation.resource.plural);
  const startsAt = store.revision;
  const start = startOf(collection, { ...options, namespace: selection.namespace, startsAt });
  response.writeHead(200, {
    ...warningHeader(exchange.warnings),
    'Cache-Control': 'no-cache, private',
    'Content-Type': 'application/json',
  });
  response.flushHeaders();
  const stream = new WatchStream(response, flusherOf(store));
  if ('error' in start) {
    // Upstream, once a watch is let in, whatever is wrong with it comes as its only event.
    stream.push(line('ERROR', start.error.status), 0);
    stream.end();
    return;
  }
  const frameOf = frameMaker(presentation, selection);
  stream.begin(framesOf(start.past, frameOf), startsAt);
  const bookmark = (annotations?: typeof INITIAL_EVENTS_END) =>
    stream.push(bookmarkFrame(presentation, store.revision, annotations), store.revision);
  if (options.sendInitialEvents && options.allowWatchBookmarks) bookmark(INITIAL_EVENTS_END);

  const after = Number(options.resourceVersion);
  const subscription = collection.subscribe((change) => {
    if (change.revision <= after) return;
    const frame = frameOf(change);
    if (frame) stream.push(frame, change.revision);
  });
  const bookmarks = options.allowWatchBookmarks
    ? setInterval(bookmark, BOOKMARK_PERIOD_MS)
    : undefined;
  const timeout = setTimeout(
    () => {
      if (options.allowWatchBookmarks) bookmark();
      subscription[Symbol.dispose]();
      stream.end();
    },
    (options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
  );
  // Not the request's close: that comes as soon as its (empty) body is read.
  response.once('close', () => {
    subscription[Symbol.dispose]();
    clearInterval(bookmarks);
    clearTimeout(timeout);
  });
}

/** What the watch begins with, as changes; or why it cannot begin. */
function startOf(
  collection: Collection,
  {
    sendInitialEvents,
    resourceVersion,
    namespace,
    startsAt,
  }: ListOptions & { readonly namespace: string | undefined; readonly startsAt: number },
): { readonly past: readonly Change[] } | { readonly error: ApiError } {
  const requested = Number(resourceVersion);
  if (sendInitialEvents && requested > startsAt) {
    return { error: futureRevision(requested, startsAt) };
  }
  // Without a revision and without a word about it, upstream sends what there is, as it always did.
  if (sendInitialEvents ?? requested === 0) {
    const past = collection
      .entries(namespace)
      .map((entry) => ({ type: 'ADDED' as const, entry, revision: entry.revision }));
    return { past };
  }
  if (requested === 0) return { past: [] };
  const past = collection.log.since(requested);
  const { compactedRevision } = collection.log;
  return past
    ? { past }
    : { error: expired(`too old resource version: ${requested} (${compactedRevision})`) };
}

/** What one commit means to one watcher: an object may come into its selection, or leave it. */
function frameMaker(
  presentation: Presentation,
  { matches }: Selection,
): (change: Change) => Buffer | undefined {
  let withColumns = true;
  const frame = (type: EventType, entry: Change['entry'], revision?: number) => {
    const made = eventFrame(presentation, type, entry, {
      withColumns,
      ...(revision !== undefined && { revision }),
    });
    withColumns = false;
    return made;
  };
  return ({ type, entry, previous }) => {
    const was = previous !== undefined && matches(previous.object);
    if (type !== 'DELETED' && matches(entry.object))
      return frame(was ? 'MODIFIED' : 'ADDED', entry);
    if (!was) return undefined;
    // The last state that was selected, at the revision in which it left.
    return type === 'DELETED'
      ? frame('DELETED', entry)
      : frame('DELETED', previous, entry.revision);
  };
}

function* framesOf(
  past: readonly Change[],
  frameOf: (change: Change) => Buffer | undefined,
): Generator<Buffer> {
  for (const change of past) {
    const frame = frameOf(change);
    if (frame) yield frame;
  }
}
