import type { Pod } from 'kubernetes-types/core/v1.js';
import { deletionCostAnnotation, recordAnnotation } from '../../annotations.ts';
import { PitstopError } from '../../errors.ts';
import { isReady } from '../../plan/is-ready.ts';
import { encodeRecord, hasRecord, readRecord, type UndoRecord } from '../../session/record.ts';
import { insist, isPassing } from '../../steps/insist.ts';
import { podGone } from '../../steps/pod-gone.ts';
import type { Stop } from '../../steps/stop.ts';
import { watchUntil } from '../../steps/watch-until.ts';
import { areLabelsBack, relabel } from '../relabel.ts';
import type { Home, Returning, Route } from '../route.ts';
import { writeHome } from '../write-home.ts';
import { dismiss, keepReplacement } from './dismiss.ts';
import { awaitAdoption } from './homecoming.ts';
import { hasChanged, markReplacement, unmarkReplacements } from './mark-replacement.ts';
import { whyUnwanted } from './why-unwanted.ts';

/** int32's largest: whatever the others cost, the Pod that was worked on is the last to go. */
const highestDeletionCost = '2147483647';

/** The owner lets go of the Pod, starts a replacement, and takes the Pod back in its stead. */
export const release: Route = {
  ...relabel,
  restore: comeHome,
  async returns(stop, pod, record, { timeoutMs, deletes }) {
    if (isOnItsWay(pod, record)) return true;
    const why = await whyUnwanted(stop, record, pod, timeoutMs);
    if (why !== undefined && deletes === 'never') throw staysOut(stop, record, why);
    return why === undefined && deletes !== 'instead';
  },
};

function isOnItsWay(pod: Pod, record: UndoRecord): boolean {
  return areLabelsBack(pod, record) && readRecord(pod)?.phase !== 'out';
}

/**
 * Ready first, then the labels together with the highest deletion cost (else the owner may choose
 * this Pod as its surplus), and only when the surplus is gone the cost is cleared.
 */
async function comeHome(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  returning: Returning,
): Promise<Home> {
  const { timeoutMs, onProgress, onWarning, onBack, deletes } = returning;
  let marked: string | undefined;
  if (!isOnItsWay(pod, record)) {
    const why = await whyUnwanted(stop, record, pod, timeoutMs);
    if (why !== undefined) return await partWith(stop, pod, record, { ...returning, why });
    if (deletes === 'instead') return await keepReplacement(stop, pod, record, returning);
    onProgress('waiting for the Pod to be Ready');
    await awaitReady(stop, pod, timeoutMs);
    // That may have taken minutes.
    const whyNow = await whyUnwanted(stop, record, pod, timeoutMs);
    if (whyNow !== undefined)
      return await partWith(stop, pod, record, { ...returning, why: whyNow });
    marked = await insist(
      { signal: stop.signal, timeoutMs },
      () => markReplacement(stop, record, onWarning),
      (error) => isPassing(error) || hasChanged(error),
    );
  }
  const back = await writeHome(stop, pod, {
    record,
    timeoutMs,
    isDone: (now) => isOnItsWay(now, record),
    change: {
      labels: record.labels,
      annotations: {
        [deletionCostAnnotation]: highestDeletionCost,
        [recordAnnotation]: encodeRecord({ ...record, phase: 'returning' }),
      },
    },
  });
  onBack();
  onProgress(`waiting for ${record.owner?.kind} ${record.owner?.name} to take the Pod back`);
  const removed = await awaitAdoption(stop, back, record, { ...returning, marked });
  const unmark = () =>
    insist({ signal: stop.signal, timeoutMs }, () => unmarkReplacements(stop, record));
  const areOthersOut = await unmark();
  const home = await writeHome(stop, back, {
    record,
    timeoutMs,
    isDone: (now) => !hasRecord(now),
    change: {
      annotations: { [deletionCostAnnotation]: record.deletionCost, [recordAnnotation]: null },
    },
  });
  // As long as there was a record, another session could leave its mark to this one.
  if (areOthersOut) {
    await unmark().catch(() =>
      onWarning(
        `a replacement may still be marked as the first to go: kubectl pitstop doctor -n ${stop.namespace}`,
      ),
    );
  }
  return { pod: home, removed };
}

/** A Pod that nobody wants back stays out, with all it holds, unless its deletion was asked for. */
async function partWith(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  returning: Returning & { readonly why: string },
): Promise<Home> {
  const { why, deletes, onWarning } = returning;
  if (deletes === 'never') throw staysOut(stop, record, why);
  onWarning(`pod ${stop.namespace}/${stop.name} is deleted: ${describeOwner(record)} ${why}`);
  await dismiss(stop, pod, record, returning);
  return { pod: undefined, dismissed: true };
}

function staysOut({ namespace, name }: Stop, record: UndoRecord, why: string): PitstopError {
  return new PitstopError(
    'restore-failed',
    `pod ${namespace}/${name}: ${describeOwner(record)} ${why}; it stays out, with all it holds`,
    {
      hint: `when its files are safe: kubectl pitstop restore ${name} -n ${namespace} --when-unwanted=delete`,
    },
  );
}

function describeOwner({ owner }: UndoRecord): string {
  return `${owner?.kind.toLowerCase()}/${owner?.name}`;
}

async function awaitReady(stop: Stop, pod: Pod, timeoutMs: number): Promise<void> {
  const { kube, namespace, name, signal } = stop;
  await watchUntil<Pod, true>(
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
          {
            hint: `kubectl describe pod ${name} -n ${namespace}; or give it up: kubectl pitstop restore ${name} -n ${namespace} --keep=replacement`,
          },
        ),
    },
    (pods) => {
      const current = pods.find(({ metadata }) => metadata?.uid === pod.metadata?.uid);
      if (!current || current.metadata?.deletionTimestamp) throw podGone(stop);
      return isReady(current.status?.conditions) ? true : undefined;
    },
  );
}
