import type { Kube, ListOptions, ResourceName } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';

interface Identified {
  readonly metadata?: { readonly uid?: string };
}

/**
 * Follows a watch until `decide` answers something for the whole picture (it is asked only when the
 * picture is whole). Throws what `onTimeout` makes when the time is over, or the signal's reason.
 */
export async function watchUntil<T extends Identified, R>(
  kube: Kube,
  resource: ResourceName,
  options: ListOptions & {
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    readonly onTimeout: (objects: readonly T[]) => Error;
  },
  decide: (objects: readonly T[]) => R | undefined | Promise<R | undefined>,
): Promise<R> {
  const { timeoutMs, onTimeout, signal, ...list } = options;
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = new AbortController();
  const objects = new Map<string, T>();
  let synced = false;
  try {
    const events = kube.watch<T>(resource, {
      ...list,
      signal: AbortSignal.any([signal, timeout, stop.signal]),
    });
    for await (const event of events) {
      if (event.type === 'SYNCED') synced = true;
      else if (event.type === 'DELETED') objects.delete(event.object.metadata?.uid ?? '');
      else objects.set(event.object.metadata?.uid ?? '', event.object);
      if (!synced) continue;
      const answer = await decide([...objects.values()]);
      if (answer !== undefined) return answer;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!timeout.aborted) throw error;
  } finally {
    stop.abort();
  }
  signal.throwIfAborted();
  if (synced) throw onTimeout([...objects.values()]);
  throw new PitstopError(
    'cluster',
    `the server did not list the ${resource} of namespace ${options.namespace} within ${Math.round(timeoutMs / 1000)} s`,
  );
}
