import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { KubeError } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { isReady } from '../plan/interlocks.ts';
import { deletionCostAnnotation, recordAnnotation } from '../annotations.ts';
import { encodeRecord, readRecord, type UndoRecord } from '../session/record.ts';
import type { Stop } from './stop.ts';
import { endpointsOf, isListedReady, sliceService } from '../plan/traffic.ts';
import { watchUntil } from './watch-until.ts';
import { awaitAdoption } from './homecoming.ts';

export interface RestoreOptions {
  readonly timeoutMs: number;
  readonly onProgress: (message: string) => void;
  /** The restoring write was acknowledged. */
  readonly onBack: () => void;
}

export interface Restored {
  readonly record: UndoRecord;
  readonly slices: readonly string[];
  readonly replacementRemoved?: string;
}

/** int32's largest: whatever the others cost, the Pod that was worked on is the last to go. */
const highestDeletionCost = '2147483647';

/**
 * Brings a Pod home from its undo record alone, whoever wrote it. Every write leaves a state from
 * which this same function, run again anywhere, goes on.
 */
export async function restore(stop: Stop, options: RestoreOptions): Promise<Restored> {
  const { namespace, name } = stop;
  const pod = await readPod(stop);
  const record = readRecord(pod);
  if (!record) {
    throw new PitstopError(
      'no-session',
      `pod ${namespace}/${name} carries no undo record (annotation ${recordAnnotation}): nothing to restore`,
      { hint: `kubectl pitstop status -n ${namespace}` },
    );
  }
  const replacementRemoved =
    record.route === 'release'
      ? await comeHome(stop, pod, record, options)
      : await putBack(stop, pod, record, options);
  const slices = await proveListed(stop, pod, record, options);
  return { record, slices, ...(replacementRemoved && { replacementRemoved }) };
}

/** Routes `label` and `none`: one patch puts the labels back and takes the record away. */
async function putBack(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  { onBack }: RestoreOptions,
): Promise<undefined> {
  await patchPod(stop, pod, { labels: record.labels, annotations: { [recordAnnotation]: null } });
  onBack();
  return undefined;
}

/**
 * Route `release`: Ready first, then the labels together with the highest deletion cost (else the
 * owner may choose this Pod as its surplus), and only when the surplus is gone the cost is cleared.
 */
async function comeHome(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  options: RestoreOptions,
): Promise<string | undefined> {
  let current = pod;
  if (record.phase === 'out') {
    await checkOwnerWants(stop, record);
    options.onProgress('waiting for the Pod to be Ready');
    current = await awaitReady(stop, pod, options.timeoutMs);
    current = await patchPod(stop, current, {
      labels: record.labels,
      annotations: {
        [deletionCostAnnotation]: highestDeletionCost,
        [recordAnnotation]: encodeRecord({ ...record, phase: 'returning' }),
      },
    });
  }
  options.onBack();
  options.onProgress(
    `waiting for ${record.owner?.kind} ${record.owner?.name} to take the Pod back`,
  );
  const removed = await awaitAdoption(stop, current, record, options);
  await patchPod(stop, current, {
    annotations: { [deletionCostAnnotation]: record.deletionCost, [recordAnnotation]: null },
  });
  return removed;
}

/** A ReplicaSet that wants no Pods any more would delete this one within milliseconds of adoption. */
async function checkOwnerWants(
  { kube, namespace, name, signal }: Stop,
  record: UndoRecord,
): Promise<void> {
  const { owner } = record;
  if (owner?.kind !== 'ReplicaSet') return;
  const replicaSet = await kube.get<ReplicaSet>(
    { resource: 'replicasets', namespace, name: owner.name },
    { signal },
  );
  const gone = replicaSet?.metadata?.uid !== owner.uid;
  if (!gone && (replicaSet?.spec?.replicas ?? 0) > 0) return;
  throw new PitstopError(
    'restore-failed',
    `pod ${namespace}/${name}: replicaset/${owner.name} ${gone ? 'is gone' : 'wants no Pods any more'} ` +
      `(a rollout or scale-down happened meanwhile); it would delete the Pod on its way back`,
    { hint: `when its files are safe: kubectl delete pod ${name} -n ${namespace}` },
  );
}

async function awaitReady(stop: Stop, pod: Pod, timeoutMs: number): Promise<Pod> {
  const { kube, namespace, name, signal } = stop;
  return watchUntil<Pod, Pod>(
    kube,
    'pods',
    {
      namespace,
      fieldSelector: `metadata.name=${name}`,
      signal,
      timeoutMs,
      onTimeout: () =>
        new PitstopError(
          'restore-failed',
          `pod ${namespace}/${name} did not become Ready within ${Math.round(timeoutMs / 1000)} s; ` +
            `taken back unready, its owner would delete it first`,
          { hint: `kubectl describe pod ${name} -n ${namespace}` },
        ),
    },
    (pods) => {
      const current = pods.find(({ metadata }) => metadata?.uid === pod.metadata?.uid);
      if (!current) throw goneError(stop);
      return isReady(current.status?.conditions) ? current : undefined;
    },
  );
}

/** Waits until every Service the Pod left lists it ready again; returns the slices that do. */
async function proveListed(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  { timeoutMs, onProgress }: RestoreOptions,
): Promise<readonly string[]> {
  if (record.services.length === 0) return [];
  const { kube, namespace, name, signal } = stop;
  onProgress(`waiting for ${record.services.join(', ')} to list the Pod again`);
  const listing = (slices: readonly EndpointSlice[]) =>
    slices.filter(
      (slice) =>
        record.services.includes(sliceService(slice)) &&
        endpointsOf(slice, pod).some(isListedReady),
    );
  return watchUntil<EndpointSlice, readonly string[]>(
    kube,
    'endpointslices',
    {
      namespace,
      signal,
      timeoutMs,
      onTimeout: (slices) => {
        const back = new Set(listing(slices).map(sliceService));
        const missing = record.services.filter((service) => !back.has(service)).join(', ');
        return new PitstopError(
          'restore-failed',
          `pod ${namespace}/${name} has its labels back, but ${missing} does not list it ready after ${Math.round(timeoutMs / 1000)} s`,
          { hint: `kubectl describe pod ${name} -n ${namespace}` },
        );
      },
    },
    (slices) => {
      const found = listing(slices);
      const back = new Set(found.map(sliceService));
      return record.services.every((service) => back.has(service))
        ? found.map(({ metadata }) => metadata?.name ?? '')
        : undefined;
    },
  );
}

async function readPod(stop: Stop): Promise<Pod> {
  const { kube, namespace, name, signal } = stop;
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
  if (!pod) {
    throw new PitstopError('pod-not-found', `pod ${namespace}/${name} not found`, {
      hint: `kubectl pitstop status -n ${namespace}`,
    });
  }
  return pod;
}

function goneError({ namespace, name }: Stop): PitstopError {
  return new PitstopError('pod-gone', `pod ${namespace}/${name} was deleted during the session`, {
    hint: `kubectl get events -n ${namespace} --field-selector involvedObject.name=${name}`,
  });
}

/** The uid makes sure that no namesake is written to; nobody else writes these keys meanwhile. */
async function patchPod(
  stop: Stop,
  pod: Pod,
  change: {
    readonly labels?: Readonly<Record<string, string | null>>;
    readonly annotations: Readonly<Record<string, string | null>>;
  },
): Promise<Pod> {
  const { kube, namespace, name, signal } = stop;
  try {
    return await kube.patch<Pod>(
      { resource: 'pods', namespace, name },
      { metadata: { uid: pod.metadata?.uid, ...change } },
      { type: 'merge', signal },
    );
  } catch (error) {
    if (error instanceof KubeError && error.code === 'not-found') throw goneError(stop);
    throw error;
  }
}
