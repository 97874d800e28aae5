import type { Change, Entry, Store } from '../../store/index.ts';
import { apiVersionOf } from '../resources/resource.ts';
import { expired, futureRevision } from '../words.ts';
import { type Exchange, warningHeader } from './exchange.ts';
import type { ListOptions } from './list-options.ts';
import { present, type Presentation, servedJson } from './present.ts';
import type { Selection } from './selection.ts';
import { WatchStream } from './watch-stream.ts';

const BOOKMARK_PERIOD_MS = 60_000;
const DEFAULT_TIMEOUT_SECONDS = 30 * 60;

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Answers a watch: first what the options ask for of the past, then every change until the client leaves or the time is up. */
export function serveWatch(
  exchange: Exchange,
  store: Store,
  presentation: Presentation,
  selection: Selection,
  options: ListOptions,
): void {
  const { response } = exchange;
  const { resource } = presentation;
  const collection = store.collection(resource.plural);
  const requested = Number(options.resourceVersion);
  if (options.sendInitialEvents && requested > store.revision) {
    throw futureRevision(requested, store.revision);
  }
  const past =
    options.sendInitialEvents || requested === 0 ? undefined : collection.log.since(requested);
  response.writeHead(200, {
    ...warningHeader(exchange.warnings),
    'Cache-Control': 'no-cache, private',
    'Content-Type': 'application/json',
  });
  response.flushHeaders();
  const stream = new WatchStream(response);
  const encode = eventEncoder(presentation);
  const bookmark = (annotations?: object) =>
    stream.push(bookmarkFrame(presentation, store.revision, annotations));

  if (past === undefined && requested > 0 && !options.sendInitialEvents) {
    const { status } = expired(
      `too old resource version: ${requested} (${collection.log.compactedRevision})`,
    );
    stream.push(Buffer.from(`${JSON.stringify({ type: 'ERROR', object: status })}\n`));
    stream.end();
    return;
  }
  if (past) {
    for (const change of past) stream.pushAll(framesOf(change, selection, encode));
  } else if (options.sendInitialEvents || requested === 0) {
    const entries = collection
      .entries(selection.namespace)
      .filter(({ object }) => selection.matches(object));
    stream.pushLazily(entries, (entry) => encode('ADDED', entry));
  }
  if (options.sendInitialEvents && options.allowWatchBookmarks) {
    bookmark({ 'k8s.io/initial-events-end': 'true' });
  }

  const subscription = collection.subscribe((change) => {
    if (change.revision > requested) stream.pushAll(framesOf(change, selection, encode));
  });
  const bookmarks = options.allowWatchBookmarks
    ? setInterval(bookmark, BOOKMARK_PERIOD_MS)
    : undefined;
  const timeout = setTimeout(
    () => {
      if (options.allowWatchBookmarks) bookmark();
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

/** What one commit means to one watcher: an object may come into its selection, or leave it. */
function* framesOf(
  { type, entry, previous }: Change,
  { matches }: Selection,
  encode: (type: EventType, entry: Entry, revision?: number) => Buffer,
): Generator<Buffer> {
  const was = previous !== undefined && matches(previous.object);
  const is = type !== 'DELETED' && matches(entry.object);
  if (is) yield encode(was ? 'MODIFIED' : 'ADDED', entry);
  // The last state that was selected, at the revision in which it left.
  else if (was)
    yield type === 'DELETED'
      ? encode('DELETED', entry)
      : encode('DELETED', previous, entry.revision);
}

/** All watchers of plain objects share one frame per change; Tables are made for each. */
function eventEncoder(
  presentation: Presentation,
): (type: EventType, entry: Entry, revision?: number) => Buffer {
  const { resource, representation } = presentation;
  let withColumns = true;
  return (type, entry, revision) => {
    if (revision !== undefined || representation !== 'object') {
      const { object } = entry;
      const metadata =
        revision === undefined
          ? object.metadata
          : { ...object.metadata, resourceVersion: String(revision) };
      const shown = present(
        presentation,
        { ...object, ...(metadata && { metadata }) },
        withColumns,
      );
      withColumns = false;
      return Buffer.from(`${JSON.stringify({ type, object: shown })}\n`);
    }
    if (resource.storedAs) return frame(type, servedJson(resource, entry));
    if (shared.entry !== entry || shared.type !== type) {
      shared = { entry, type, frame: frame(type, entry.json) };
    }
    return shared.frame;
  };
}

/** One is enough: a commit goes to all its watchers before the next one is made. */
let shared: { entry?: Entry; type?: EventType; frame: Buffer } = { frame: Buffer.alloc(0) };

const FRAME_HEADS: Readonly<Record<EventType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const FRAME_END = Buffer.from('}\n');

function frame(type: EventType, json: Buffer): Buffer {
  return Buffer.concat([FRAME_HEADS[type], json, FRAME_END]);
}

function bookmarkFrame(
  { resource, representation }: Presentation,
  revision: number,
  annotations?: object,
): Buffer {
  const metadata = { resourceVersion: String(revision), ...(annotations && { annotations }) };
  const object =
    representation === 'object'
      ? { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata }
      : representation === 'PartialObjectMetadata'
        ? { kind: representation, apiVersion: 'meta.k8s.io/v1', metadata }
        : {
            kind: representation,
            apiVersion: 'meta.k8s.io/v1',
            metadata,
            columnDefinitions: [],
            rows: [],
          };
  return Buffer.from(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
}
