import { PitstopError } from '../../errors.ts';
import type { UndoRecord } from '../../session/record.ts';
import { isOverdue, leaseOf } from '../../session/expiry.ts';
import type { Finding } from '../finding.ts';
import { nameOf } from '../listed.ts';
import { heldIn, type Found } from '../../session/find-held.ts';
import type { NamespaceWorld } from '../world.ts';

/** Sessions that left a Pod out: their deadline is over, nobody renews them, or nobody can read them. */
export function findSessions(world: NamespaceWorld, nowMs: number): readonly Finding[] {
  return heldIn(world.pods).flatMap((held) =>
    held.record instanceof PitstopError
      ? [unreadable(world, held, held.record)]
      : sessionFinding(world, held, held.record, nowMs),
  );
}

function unreadable(
  { namespace }: NamespaceWorld,
  { pod }: Found,
  { message, hint, cause }: PitstopError,
): Finding {
  const lines = cause instanceof Error ? cause.message.split('\n').slice(0, 1) : [];
  return {
    name: 'record-unreadable',
    severity: 'error',
    namespace,
    object: `pod/${nameOf(pod)}`,
    message: `${message}: pitstop does not know how to bring the Pod home`,
    ...(lines.length > 0 && { details: lines }),
    hint: `look at it, put the labels back by hand, then remove the annotation; a newer pitstop may be able to read it: ${hint}`,
  };
}

function sessionFinding(
  { namespace }: NamespaceWorld,
  { pod }: Found,
  record: UndoRecord,
  nowMs: number,
): readonly Finding[] {
  const about = {
    namespace,
    object: `pod/${nameOf(pod)}`,
    details: [
      `session ${record.id} by ${record.by}, since ${record.startedAt}, route ${record.route}`,
      record.services.length > 0
        ? `out of ${record.services.map((name) => `service/${name}`).join(', ')}`
        : 'no Service sent it traffic',
    ],
  };
  const restore = (description: string, onlyIfExpired: boolean) => ({
    description,
    writes: [],
    restore: { pod: nameOf(pod), onlyIfExpired },
  });
  if (isOverdue(record, nowMs)) {
    const sinceMs = nowMs - Date.parse(record.deadline ?? '');
    return [
      {
        ...about,
        name: 'session-expired',
        severity: 'error',
        message: `it is still out: the deadline of its session was over ${ago(sinceMs)}`,
        repair: restore('bring it home from its undo record', false),
      },
    ];
  }
  // A deadline not yet over: nobody needs to renew that.
  if (record.deadline !== undefined) return [];
  const silentMs = nowMs - Date.parse(record.renewedAt);
  if (silentMs <= 2 * leaseOf(record) * 1000) return [];
  return [
    {
      ...about,
      name: 'session-silent',
      severity: 'warning',
      message: `its session last renewed its record ${ago(silentMs)}: the process is dead, asleep, or cut off (or its clock is wrong)`,
      repair: restore(
        `watch its record for ${leaseOf(record)} s; if nobody renews it, bring the Pod home`,
        true,
      ),
    },
  ];
}

function ago(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}
