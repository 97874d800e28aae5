import { setTimeout as sleep } from 'node:timers/promises';
import { PitstopError } from '../errors.ts';
import { defaults } from '../plan/request.ts';
import type { SessionLog } from '../session/session-log.ts';
import type { Restoration } from '../session/session.ts';
import type { SocketWatch } from '../sockets/socket-watch.ts';
import { restore } from './restore.ts';
import type { Stop } from './stop.ts';

const trafficTimeoutMs = 3_000;
const lookEveryMs = 150;

/** Step `restore`: the undo record is carried out, and the Pod proven to be back in service. */
export async function comeBack(
  stop: Stop,
  /** Absent when the sockets cannot be read: then traffic is not looked for. */
  sockets: SocketWatch | undefined,
  log: SessionLog,
  restoreTimeoutMs: number = defaults.restoreTimeoutMs,
): Promise<void> {
  await log.step('restore', async () => {
    // What is still open from before must not pass for the first connection after.
    await sockets?.look(stop.signal).catch(() => undefined);
    const { slices, record, replacementRemoved } = await restore(stop, {
      timeoutMs: restoreTimeoutMs,
      onProgress: (message) => log.progress('restore', message),
      onBack: () => log.emit({ type: 'pod-back' }),
    });
    const listedAt = new Date().toISOString();
    log.progress('restore', 'watching the sockets for the first new connection');
    const trafficSeen =
      record.services.length > 0 && sockets !== undefined && (await awaitTraffic(stop, sockets));
    const restoration: Restoration = {
      provenAt: listedAt,
      slices,
      trafficSeen,
      ...(replacementRemoved && { replacementRemoved }),
    };
    log.emit({ type: 'restoration', restoration });
    const services = record.services.join(', ');
    return {
      message:
        record.services.length === 0
          ? 'the record is gone; no Service sends it traffic'
          : `${services} ${record.services.length === 1 ? 'lists' : 'list'} it ready again` +
            (trafficSeen ? ', and connections arrive' : ''),
      value: undefined,
    };
  });
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
