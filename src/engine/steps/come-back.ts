import { setTimeout as sleep } from 'node:timers/promises';
import { PitstopError } from '../errors.ts';
import type { UndoRecord } from '../session/record.ts';
import type { Deletes } from '../plan/parting.ts';
import { defaults } from '../plan/request.ts';
import type { SessionLog } from '../session/session-log.ts';
import type { Restoration } from '../session/session.ts';
import type { SocketWatch } from '../sockets/socket-watch.ts';
import { undoDrainHooks } from './drain-app.ts';
import { restore, type Restored } from './restore.ts';
import { plural } from '../words.ts';
import type { Stop } from './stop.ts';

const trafficTimeoutMs = 3_000;
const lookEveryMs = 150;

/** Step `restore`: the undo record is carried out, and the Pod proven to be back in service. */
export async function comeBack(
  stop: Stop,
  log: SessionLog,
  options: {
    /** Absent when the sockets cannot be read: then traffic is not looked for. */
    readonly sockets: SocketWatch | undefined;
    readonly record: UndoRecord;
    readonly restoreTimeoutMs: number | undefined;
    /** Whether the Pod may be deleted instead; default `never`. */
    readonly deletes?: Deletes | undefined;
  },
): Promise<void> {
  const { record } = options;
  await using sockets = options.sockets;
  await log.step('restore', stop.signal, async () => {
    // What is still open from before must not pass for the first connection after.
    await sockets?.look(stop.signal).catch(() => undefined);
    await undoDrainHooks(stop, record, {
      podUid: log.session.spec.podUid,
      onWarning: (message) => log.emit({ type: 'warning', message }),
    });
    const { slices, replacementRemoved, dismissed } = await carryOut(stop, log, options);
    const listedAt = new Date().toISOString();
    if (dismissed) {
      const { replacement } = dismissed;
      const restoration = { provenAt: listedAt, slices, trafficSeen: false, podDeleted: true };
      log.emit({
        type: 'restoration',
        restoration: { ...restoration, ...(replacement && { replacementKept: replacement }) },
      });
      const place = replacement
        ? `pod ${replacement} serves in its place`
        : 'its owner wants no other';
      return { message: `the Pod was deleted, as was asked for; ${place}`, value: undefined };
    }
    log.progress('restore', 'watching the sockets for the first new connection');
    const trafficSeen =
      slices.length > 0 && sockets !== undefined && (await awaitTraffic(stop, sockets));
    const restoration: Restoration = {
      provenAt: listedAt,
      slices,
      trafficSeen,
      ...(replacementRemoved && { replacementRemoved }),
    };
    log.emit({ type: 'restoration', restoration });
    return {
      message:
        slices.length === 0
          ? 'the record is gone; no Service sends it traffic'
          : `${plural(slices.length, 'EndpointSlice')} of ${record.services.join(', ')} ` +
            `${slices.length === 1 ? 'lists' : 'list'} it ready again` +
            (trafficSeen ? ', and connections arrive' : ''),
      value: undefined,
    };
  });
}

async function carryOut(
  stop: Stop,
  log: SessionLog,
  {
    record,
    restoreTimeoutMs,
    deletes = 'never',
  }: {
    readonly record: UndoRecord;
    readonly restoreTimeoutMs: number | undefined;
    readonly deletes?: Deletes | undefined;
  },
): Promise<Restored> {
  try {
    return await restore(stop, {
      session: { record, podUid: log.session.spec.podUid },
      timeoutMs: restoreTimeoutMs ?? defaults.restoreTimeoutMs,
      deletes,
      onProgress: (message) => log.progress('restore', message),
      onWarning: (message) => log.emit({ type: 'warning', message }),
      onBack: () => log.emit({ type: 'pod-back' }),
      onDismissed: () => log.emit({ type: 'pod-gone' }),
    });
  } catch (error) {
    if (error instanceof PitstopError && error.code === 'pod-gone') log.emit({ type: 'pod-gone' });
    throw error;
  }
}

/** Whether a new connection of Service traffic shows up; none may simply mean an idle Service. */
async function awaitTraffic(stop: Stop, sockets: SocketWatch): Promise<boolean> {
  const until = Date.now() + trafficTimeoutMs;
  try {
    for (;;) {
      const { fresh } = await sockets.look(stop.signal);
      if (fresh.length > 0) return true;
      if (Date.now() >= until) return false;
      await sleep(lookEveryMs, undefined, { signal: stop.signal });
    }
  } catch (error) {
    if (error instanceof PitstopError) throw error;
    return false;
  }
}
