import type { KubeObject } from '../../api.ts';
import type { Entry } from '../../store/index.ts';
import { apiVersionOf } from '../resources/resource.ts';
import { partialMetadataJson, present, type Presentation, servedJson } from './present.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/**
 * One event of a watch as a line of JSON. `revision` is said instead of the entry's own (the last
 * state that was selected, at the revision in which it left); a Table's columns go with the first only.
 */
export function eventFrame(
  presentation: Presentation,
  type: EventType,
  entry: Entry,
  how: { readonly revision?: number; readonly withColumns: boolean },
): Buffer {
  const { resource, representation, includeObject } = presentation;
  // All watchers of a commit get it before the next one is made: one entry's frames are enough.
  if (shared.entry !== entry) shared = { entry, frames: new Map() };
  const columns = representation === 'Table' && how.withColumns ? includeObject : '';
  const key = `${resource.group}/${resource.version} ${type} ${representation} ${includeObject} ${how.revision ?? ''} ${columns}`;
  let frame = shared.frames.get(key);
  if (!frame) {
    frame = makeFrame(presentation, type, entry, how);
    shared.frames.set(key, frame);
  }
  return frame;
}

let shared: { readonly entry?: Entry; readonly frames: Map<string, Buffer> } = {
  frames: new Map(),
};

function makeFrame(
  presentation: Presentation,
  type: EventType,
  entry: Entry,
  { revision, withColumns }: { readonly revision?: number; readonly withColumns: boolean },
): Buffer {
  const { resource, representation } = presentation;
  const head = Buffer.from(`{"type":"${type}","object":`);
  if (revision === undefined && representation === 'object') {
    return Buffer.concat([head, servedJson(resource, entry), FRAME_END]);
  }
  if (revision === undefined && representation === 'PartialObjectMetadata') {
    return Buffer.concat([head, ...partialMetadataJson(resource, entry), FRAME_END]);
  }
  const { metadata } = entry.object;
  const object = {
    ...entry.object,
    metadata: { ...metadata, ...(revision && { resourceVersion: String(revision) }) },
  };
  return line(type, present(presentation, object, withColumns));
}

/** An object of the kind that says nothing but how far the watch has come. */
export function bookmarkFrame(
  presentation: Presentation,
  revision: number,
  annotations?: Readonly<Record<string, string>>,
): Buffer {
  const { resource } = presentation;
  const object: KubeObject = {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    metadata: { resourceVersion: String(revision), ...(annotations && { annotations }) },
    // Go writes a struct also when there is nothing in it.
    ...(resource.hasStatus && { spec: {}, status: {} }),
  };
  // Nothing is to be converted: a bookmark is of no stored object.
  const { storedAs, ...plain } = resource;
  return line(
    'BOOKMARK',
    present({ ...presentation, resource: storedAs ? plain : resource }, object, false),
  );
}

export function line(type: string, object: unknown): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}

const FRAME_END = Buffer.from('}\n');
