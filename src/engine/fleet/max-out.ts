import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';
import type { SessionRequest } from '../plan/request.ts';
import { targetSelection } from '../plan/target.ts';
import { hasRecord, readRecord, type UndoRecord } from '../session/record.ts';
import type { Stop } from '../steps/stop.ts';
import { plural } from '../words.ts';
import { standing, type SessionOut, type Standing } from './standing.ts';
import { listTargetPods } from './target-pods.ts';

/** Those that came later see as much as we do, and need no longer than one write to make room. */
const patienceMs = 5_000;
const lookEveryMs = 250;

type Limit = Pick<SessionRequest, 'target' | 'namespace' | 'maxOut' | 'maxOutOf'>;

/** Before anything is touched: throws `max-out` when as many Pods as may be are out already. */
export async function checkRoom(
  kube: Stop['kube'],
  request: Limit,
  signal: AbortSignal,
): Promise<void> {
  const { maxOut, namespace } = request;
  if (maxOut === undefined) return;
  const out = await sessionsOut({ kube, namespace, signal }, request);
  if (out.length >= maxOut) throw tooMany(request, out, 'nothing was touched');
}

/**
 * Once the isolating write is in: throws `max-out` when sessions that looked at the same moment have
 * taken out too many, and this one has to make room. Of all that are out the earliest stay.
 */
export async function keepWithin(
  stop: Stop,
  request: Limit,
  options: { readonly record: UndoRecord; readonly onProgress: (message: string) => void },
): Promise<void> {
  const { maxOut } = request;
  if (maxOut === undefined) return;
  const { record, onProgress } = options;
  const end = Date.now() + patienceMs;
  for (;;) {
    const found: Standing = standing(await sessionsOut(stop, request), record.id, { maxOut });
    if (found.kind === 'within') return;
    if (found.kind === 'beyond' || Date.now() > end) {
      throw tooMany(request, found.others, `pod ${stop.name} makes room`);
    }
    onProgress(`waiting for ${named(found.others)} to make room (--max-out=${maxOut})`);
    await sleep(lookEveryMs, undefined, { signal: stop.signal });
  }
}

async function sessionsOut(
  { kube, signal }: Pick<Stop, 'kube' | 'namespace' | 'signal'>,
  { namespace, target, maxOutOf = target }: Limit,
): Promise<readonly SessionOut[]> {
  const selects = await targetSelection(kube, maxOutOf, namespace, signal);
  const pods = await listTargetPods(kube, { namespace, selects, signal });
  return pods.filter(hasRecord).map(sessionOf);
}

/** A record that cannot be read holds its Pod all the same, and came before us. */
function sessionOf(pod: Pod): SessionOut {
  const { name = '', uid = '' } = pod.metadata ?? {};
  try {
    const record = readRecord(pod);
    if (record) {
      const { id, startedAt, phase } = record;
      return { id, pod: name, startedAt, isReturning: phase === 'returning' };
    }
  } catch (error) {
    if (!(error instanceof PitstopError)) throw error;
  }
  return { id: uid, pod: name, startedAt: '', isReturning: false };
}

function tooMany(
  { target, namespace, maxOut, maxOutOf = target }: Limit,
  others: readonly SessionOut[],
  what: string,
): PitstopError {
  return new PitstopError(
    'max-out',
    `${plural(others.length, 'other Pod')} of ${maxOutOf} ${others.length === 1 ? 'is' : 'are'} out ` +
      `(${named(others)}), and --max-out=${maxOut} may be: ${what}`,
    { hint: `kubectl pitstop status ${maxOutOf} -n ${namespace}` },
  );
}

function named(others: readonly SessionOut[]): string {
  return others.map(({ pod }) => `pod ${pod}`).join(', ');
}
