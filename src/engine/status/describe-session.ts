import type { Service } from 'kubernetes-types/core/v1.js';
import { isOverdue, leaseOf } from '../session/expiry.ts';
import type { UndoRecord } from '../session/record.ts';
import { sliceService } from '../plan/traffic.ts';
import type { Recorded, StatusObjects } from './records.ts';
import type { RecordedSession } from './report.ts';

/** One session as its records tell it, and what of them does not fit the objects that are there. */
export function describeSession(
  recorded: Recorded,
  objects: StatusObjects,
  nowMs: number,
): RecordedSession {
  const { namespace, id, pod, by, startedAt, record } = recorded;
  return {
    namespace,
    pod,
    id,
    by,
    since: startedAt,
    ...(record?.deadline !== undefined && { deadline: record.deadline }),
    // Nobody works on a Pod that carries no record of it.
    overdue: record ? isOverdue(record, nowMs) : true,
    ...(record && { renewedAt: record.renewedAt }),
    stale: record !== undefined && isStale(record, nowMs),
    route: record?.route ?? 'selector',
    phase: record?.phase ?? 'out',
    services: record?.services ?? servicesOf(recorded, objects),
    diagnostic: record?.diagnostic ?? 'unknown',
    records: recorded.objects,
    problems: problemsOf(recorded, objects),
  };
}

/** One with a deadline has no process that would renew it. */
function isStale(record: UndoRecord, nowMs: number): boolean {
  const silentMs = nowMs - Date.parse(record.renewedAt);
  return record.deadline === undefined && silentMs > leaseOf(record) * 1000;
}

/** Where the Pod's own record is gone: those whose selector or slices the session had changed. */
function servicesOf(
  { namespace, objects: names }: Recorded,
  { slices }: StatusObjects,
): readonly string[] {
  const services = names.flatMap((object) => {
    const [kind, name = ''] = object.split('/');
    if (kind === 'service' || kind === 'endpoints') return [name];
    const slice = slices.find(
      ({ metadata }) => metadata?.namespace === namespace && metadata.name === name,
    );
    return slice ? [sliceService(slice)] : [];
  });
  return [...new Set(services.filter(Boolean))];
}

function problemsOf(recorded: Recorded, objects: StatusObjects): readonly string[] {
  const { namespace, pod: name, podUid, record, objects: names } = recorded;
  const pod = objects.pods.find(
    ({ metadata }) => metadata?.namespace === namespace && metadata.name === name,
  );
  const left = names.filter((object) => object !== `pod/${name}`).join(', ');
  if (!record) {
    const isThere = pod?.metadata?.uid === podUid;
    const what = isThere ? 'carries no record of it any more' : 'is gone';
    return [`pod ${name} ${what}; restore puts right what the session left on ${left}`];
  }
  const service = (wanted: string): Service | undefined =>
    objects.services.find(
      ({ metadata }) => metadata?.namespace === namespace && metadata.name === wanted,
    );
  return [
    ...record.services
      .filter((wanted) => !service(wanted))
      .map((wanted) => `service/${wanted}, which the Pod was taken out of, is gone`),
    ...Object.keys(record.selectors ?? {})
      .filter((wanted) => service(wanted) && !names.includes(`service/${wanted}`))
      .map((wanted) => `service/${wanted} carries no record of it: somebody has put it back`),
    ...(pod?.metadata?.deletionTimestamp ? [`pod ${name} is being deleted`] : []),
  ];
}
