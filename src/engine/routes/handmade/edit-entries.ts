import type { Endpoints, Pod } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { KubeError, type Kube } from '../../../kube/index.ts';
import { recordAnnotation } from '../../annotations.ts';
import { addressesOf, normalAddress } from '../../plan/pod-addresses.ts';
import { endpointsOf, takesTraffic } from '../../plan/traffic.ts';
import {
  encodeEntryRecord,
  readEntryRecord,
  type EntryRecord,
  type EntrySession,
} from '../../session/entry-record.ts';
import { isPassing } from '../../steps/insist.ts';
import type { Write } from '../route.ts';
import { send } from '../send.ts';
import { putIn, takeOut } from './removed.ts';
import { rowsOf, subsetsOf, type Row } from './rows.ts';

/** A slice or an Endpoints object that lists the Pod and that no controller keeps for it. */
export interface EntryObject {
  readonly resource: 'endpointslices' | 'endpoints';
  readonly name: string;
}

type Listing = EndpointSlice | Endpoints;

/** What a patch sets; undefined when there is nothing to write. */
export interface Edit {
  readonly record: EntryRecord;
  readonly content: { readonly endpoints: readonly Endpoint[] } | { readonly subsets: unknown };
}

/** The object without the Pod, and with the record of what was taken out. */
export function withoutPod(
  object: Listing,
  pod: Pod,
  session: Omit<EntrySession, 'removed'>,
): Edit | undefined {
  const sessions = readEntryRecord(object)?.sessions ?? [];
  const own = addressesOf(pod);
  const before = sessions.flatMap((each) => each.removed);
  const { content, removed } = isSlice(object)
    ? editSlice(object, (list) => takeOut(list, before, (entry) => takenOf(entry, pod, own)))
    : editRows(object, (rows) =>
        takeOut(rows, before, ({ ready, addresses }) =>
          ready ? addresses.filter((address) => own.has(normalAddress(address))) : [],
        ),
      );
  if (removed.length === 0) return undefined;
  const mine = sessions.find(({ id }) => id === session.id);
  const others = sessions.filter(({ id }) => id !== session.id);
  const all = [...(mine?.removed ?? []), ...removed];
  return { content, record: { sessions: [...others, { ...session, removed: all }] } };
}

/** An entry may list several addresses: only those of the Pod go. One that names the Pod goes whole. */
function takenOf(entry: Endpoint, pod: Pod, own: ReadonlySet<string>): readonly string[] {
  const [found] = endpointsOf({ addressType: 'IPv4', endpoints: [entry] }, pod);
  if (!found || !takesTraffic(entry)) return [];
  if (entry.targetRef?.uid === pod.metadata?.uid) return entry.addresses;
  return entry.addresses.filter((address) => own.has(normalAddress(address)));
}

/** The object with what a session took out in its place again, and without its record. */
export function withEntries(object: Listing, id: string): Edit | undefined {
  const sessions = readEntryRecord(object)?.sessions ?? [];
  const mine = sessions.find((each) => each.id === id);
  if (!mine) return undefined;
  const others = sessions.filter((each) => each !== mine);
  const taken = others.flatMap(({ removed }) => removed);
  const { content } = isSlice(object)
    ? editSlice(object, (list) => ({ left: putIn(list, mine.removed, taken), removed: [] }))
    : editRows(object, (rows) => ({ left: putIn(rows, mine.removed, taken), removed: [] }));
  return { content, record: { sessions: others } };
}

/** The object without the session's record; what it took out stays out. */
export function withoutRecord(object: Listing, id: string): Edit | undefined {
  const sessions = readEntryRecord(object)?.sessions ?? [];
  if (!sessions.some((each) => each.id === id)) return undefined;
  const content = isSlice(object)
    ? { endpoints: object.endpoints ?? [] }
    : { subsets: object.subsets ?? [] };
  return { content, record: { sessions: sessions.filter((each) => each.id !== id) } };
}

function editSlice(
  { endpoints }: EndpointSlice,
  edit: (list: readonly Endpoint[]) => ReturnType<typeof takeOut<Endpoint>>,
): Pick<Edit, 'content'> & { readonly removed: EntrySession['removed'] } {
  const { left, removed } = edit(endpoints ?? []);
  return { content: { endpoints: left }, removed: [...removed] };
}

function editRows(
  object: Endpoints,
  edit: (rows: readonly Row[]) => ReturnType<typeof takeOut<Row>>,
): ReturnType<typeof editSlice> {
  const { left, removed } = edit(rowsOf(object));
  return { content: { subsets: subsetsOf(left) }, removed: [...removed] };
}

function isSlice(object: Listing): object is EndpointSlice {
  return 'addressType' in object;
}

/**
 * Reads the object, decides, and writes with its uid and resourceVersion; what changed meanwhile is
 * refused, and for `insist` to decide anew. Resolves with the object as it was read.
 */
export async function editOnce(
  kube: Kube,
  namespace: string,
  entry: EntryObject,
  options: {
    readonly signal: AbortSignal;
    readonly decide: (object: Listing) => Edit | undefined;
  },
): Promise<Listing | undefined> {
  const { resource, name } = entry;
  const { signal } = options;
  const object = await kube.get<Listing>({ resource, namespace, name }, { signal });
  const edit = object && options.decide(object);
  if (!edit) return object;
  signal.throwIfAborted();
  await send(kube, writeOf(entry, object, edit));
  return object;
}

export function writeOf(
  { resource, name }: EntryObject,
  { metadata }: Listing,
  { record, content }: Edit,
): Write {
  const { namespace, uid, resourceVersion } = metadata ?? {};
  const annotations = {
    [recordAnnotation]: record.sessions.length > 0 ? encodeEntryRecord(record) : null,
  };
  return {
    reference: { resource, namespace, name },
    type: 'merge',
    patch: { metadata: { uid, resourceVersion, annotations }, ...content },
  };
}

export function mayEditAgain(error: unknown): boolean {
  return (
    isPassing(error) ||
    (error instanceof KubeError && ['conflict', 'not-found'].includes(error.code))
  );
}
