import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { recordAnnotation } from '../annotations.ts';
import { PitstopError } from '../errors.ts';
import { notFound } from '../plan/not-found.ts';
import { findDead, isOverdue, leaseOf, type Held } from './expiry.ts';
import { findForsaken } from './forsaken.ts';
import { readRecord, type UndoRecord } from './record.ts';
import { serverNowMs } from './server-now.ts';

/** Which of the Pods that carry a record are meant: the one, all, or those of sessions that are over. */
export interface WhichPods {
  readonly namespace: string;
  /** With `all` or `expired`: of every namespace, not only of that one. */
  readonly allNamespaces?: boolean | undefined;
  /** `POD` or `pod/NAME`. */
  readonly pod?: string | undefined;
  /** Every Pod that carries an undo record. */
  readonly all?: boolean | undefined;
  /** Those whose deadline is over, or whose session has stopped renewing its record; with `pod`, if that is one. */
  readonly expired?: boolean | undefined;
}

/** A Pod that carries a record; the error where that cannot be read. */
export interface Found {
  readonly pod: Pod;
  readonly record: UndoRecord | PitstopError;
}

interface FindOptions {
  readonly signal: AbortSignal;
  readonly onWait?: ((message: string) => void) | undefined;
}

export async function findHeld(
  kube: Kube,
  request: WhichPods,
  options: FindOptions,
): Promise<readonly Found[]> {
  const { pod, all, expired } = request;
  if (pod !== undefined) {
    const held = await readHeld(kube, request, pod, options.signal);
    return expired ? findExpired(kube, request, [held], options) : [held];
  }
  const namespace = request.allNamespaces ? undefined : request.namespace;
  const found = await listHeld(kube, namespace, options.signal);
  if (all) return found;
  return expired ? findExpired(kube, request, found.filter(isReadable), options) : [];
}

async function readHeld(
  kube: Kube,
  { namespace }: WhichPods,
  wanted: string,
  signal: AbortSignal,
): Promise<Held> {
  const name = wanted.replace(/^(?:pods?|po)\//, '');
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
  const hint = `kubectl pitstop status -n ${namespace}`;
  const record = pod && readRecord(pod);
  if (record) return { pod, record };
  const [forsaken] = await findForsaken(kube, { namespace, pod: name }, signal);
  if (forsaken) return forsaken;
  if (!pod) {
    throw await notFound(kube, { kind: 'pod', name, namespace, hint, signal });
  }
  throw new PitstopError(
    'no-session',
    `pod ${namespace}/${name} carries no undo record (annotation ${recordAnnotation}): nothing to restore`,
    { hint },
  );
}

/** Less than this is nothing to be said about where deadlines are minutes. */
const tolerableSkewSeconds = 10;

/** Those whose deadline is over, and those whose session turns out to be dead. */
async function findExpired(
  kube: Kube,
  request: WhichPods,
  held: readonly Held[],
  { signal, onWait }: FindOptions,
): Promise<readonly Held[]> {
  const nowMs = serverNowMs(kube);
  const skewSeconds = Math.round((kube.clockSkewMs ?? 0) / 1000);
  if (Math.abs(skewSeconds) > tolerableSkewSeconds) {
    onWait?.(
      `this machine's clock is ${Math.abs(skewSeconds)} s ${skewSeconds > 0 ? 'behind' : 'ahead of'} the server's; deadlines are judged by the server's`,
    );
  }
  const overdue = held.filter(({ record }) => isOverdue(record, nowMs));
  const running = held.filter(({ record }) => record.deadline === undefined);
  if (running.length === 0) return overdue;
  const namespace = request.allNamespaces ? undefined : request.namespace;
  const leaseSeconds = Math.max(...running.map(({ record }) => leaseOf(record)));
  onWait?.(
    `watching for ${leaseSeconds} s whether anybody renews the record of ${running.map(({ pod }) => `pod/${pod.metadata?.name}`).join(', ')}`,
  );
  const list = async () => (await listHeld(kube, namespace, signal)).filter(isReadable);
  return [...overdue, ...(await findDead(kube, running, { signal, namespace, list }))];
}

async function listHeld(
  kube: Kube,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const pods = await kube.list<Pod>('pods', { namespace, signal });
  return [...heldIn(pods), ...(await findForsaken(kube, { namespace }, signal))];
}

/** Those of the Pods that carry an undo record. */
export function heldIn(pods: readonly Pod[]): readonly Found[] {
  return pods.flatMap((pod) => {
    const record = tryRead(pod);
    return record ? [{ pod, record }] : [];
  });
}

/** One record that cannot be read must not keep the other Pods out. */
function tryRead(pod: Pod): UndoRecord | PitstopError | undefined {
  try {
    return readRecord(pod);
  } catch (error) {
    if (error instanceof PitstopError) return error;
    throw error;
  }
}

function isReadable(held: Found): held is Held {
  return !(held.record instanceof PitstopError);
}
