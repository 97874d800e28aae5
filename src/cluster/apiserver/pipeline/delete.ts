import type { DeleteOptions, KubeObject, ObjectKey } from '../../api.ts';
import { keyOf, type Entry } from '../../store/index.ts';
import { admitDelete } from '../admission/admit.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { conflict } from '../words.ts';
import { type PipelineContext, timestamp } from './context.ts';
import { orderedMetadata } from './metadata.ts';
import { commit, liveEntry } from './update.ts';

export interface Deleted {
  readonly object: KubeObject;
  /** False: still there, terminating. */
  readonly isGone: boolean;
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** Removes the object, or marks it and leaves the rest to the kubelet, the garbage collector or whoever holds a finalizer. */
export function deleteObject(
  context: PipelineContext,
  resource: Resource,
  key: ObjectKey,
  options: DeleteOptions,
): Deleted {
  const entry = liveEntry(context, resource, key);
  admitDelete(resource, key.name);
  const live = entry.object as Draft;
  requirePreconditions(resource, live, options);
  const finalizers = finalizersAfter(
    live.metadata.finalizers ?? [],
    options.propagationPolicy ?? defaultPolicy(resource, live),
  );
  const seconds = resource.strategy.graceSeconds?.(live, options.gracePeriodSeconds) ?? 0;
  const isHeld = finalizers.length > 0 || holdsItself(live);
  if (seconds === 0 && !isHeld) {
    if (options.dryRun) return { object: live, isGone: true };
    const removed = context.store.collection(resource.plural).remove(entry.key);
    return { object: removed?.object ?? live, isGone: true };
  }
  const object = markDeleted(context, resource, entry, {
    seconds,
    finalizers,
    dryRun: options.dryRun ?? false,
  });
  const isGone =
    !options.dryRun &&
    !context.store.collection(resource.plural).get(keyOf(key.namespace, key.name));
  return { object, isGone };
}

/** A second DELETE may shorten the grace period, never prolong it. */
function markDeleted(
  context: PipelineContext,
  resource: Resource,
  entry: Entry,
  mark: {
    readonly seconds: number;
    readonly finalizers: readonly string[];
    readonly dryRun: boolean;
  },
): KubeObject {
  const live = entry.object as Draft;
  const before = live.metadata;
  const isMarked = before.deletionTimestamp !== undefined;
  const graceBefore = before.deletionGracePeriodSeconds ?? 0;
  const metadata = { ...before, finalizers: [...mark.finalizers] };
  if (!isMarked || mark.seconds < graceBefore) {
    const startedAt = isMarked
      ? Date.parse(before.deletionTimestamp ?? '') - graceBefore * 1000
      : context.now().getTime();
    metadata.deletionTimestamp = timestamp(new Date(startedAt + mark.seconds * 1000));
    // A namespace's own finalizers decide, not a time.
    if (resource.plural !== 'namespaces') metadata.deletionGracePeriodSeconds = mark.seconds;
  }
  if (!isMarked && before.generation !== undefined) metadata.generation = before.generation + 1;
  const draft: Draft = { ...live, metadata: orderedMetadata(metadata) };
  if (resource.plural === 'namespaces') draft.status = { ...draft.status, phase: 'Terminating' };
  return commit(context, resource, entry, draft, mark.dryRun);
}

/** Namespaces carry finalizers in their spec. */
function holdsItself({ spec }: Draft): boolean {
  const finalizers = spec?.['finalizers'] as readonly string[] | undefined;
  return finalizers !== undefined && finalizers.length > 0;
}

/** Kinds as old as Kubernetes: in their first versions a deletion left the Pods alone, and it does so still. */
const ORPHANING = new Set(['jobs', 'replicationcontrollers']);

function orphansByDefault({ plural }: Pick<Resource, 'plural'>): boolean {
  return ORPHANING.has(plural);
}

/** What somebody has asked for by a finalizer goes before what the kind does by itself. */
function defaultPolicy(
  resource: Resource,
  { metadata }: Draft,
): DeleteOptions['propagationPolicy'] {
  const { finalizers = [] } = metadata;
  const isDecided = finalizers.includes(ORPHAN) || finalizers.includes(FOREGROUND);
  return orphansByDefault(resource) && !isDecided ? 'Orphan' : undefined;
}

/** Foreground and Orphan are requests to the garbage collector, put down as finalizers. */
function finalizersAfter(
  finalizers: readonly string[],
  policy: DeleteOptions['propagationPolicy'],
): readonly string[] {
  if (policy === undefined) return finalizers;
  const others = finalizers.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (policy === 'Orphan') return [...others, ORPHAN];
  if (policy === 'Foreground') return [...others, FOREGROUND];
  return others;
}

function requirePreconditions(
  resource: Resource,
  { metadata }: Draft,
  { preconditions }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      resource,
      metadata.name ?? '',
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      resource,
      metadata.name ?? '',
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
  }
}
