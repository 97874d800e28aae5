import { setTimeout as sleep } from 'node:timers/promises';
import { describePeers, type ConnectionLog } from '../sockets/connections.ts';
import { PitstopError } from '../errors.ts';
import type { SocketWatch } from '../sockets/socket-watch.ts';
import { plural } from '../words.ts';
import type { Stop } from './stop.ts';

const lookEveryMs = 250;

/**
 * Waits until the connections that Service traffic had opened are closed: taking a Pod out of its
 * slices ends none of them. `strict` fails at the timeout, naming the peers.
 */
export async function drain(
  stop: Stop,
  sockets: SocketWatch,
  options: {
    readonly mode: 'strict' | 'best-effort';
    readonly timeoutMs: number;
    readonly onProgress: (message: string) => void;
  },
): Promise<{ readonly log: ConnectionLog; readonly drained: boolean }> {
  const { namespace, name, signal } = stop;
  const begun = Date.now();
  for (;;) {
    const log = await sockets.look(signal);
    if (log.open.length === 0) return { log, drained: true };
    const peers = describePeers(log.open);
    if (Date.now() - begun >= options.timeoutMs) {
      if (options.mode === 'best-effort') return { log, drained: false };
      throw new PitstopError(
        'drain-timeout',
        `pod ${namespace}/${name}: ${plural(log.open.length, 'connection')} still open after ` +
          `${Math.round(options.timeoutMs / 1000)} s: ${peers}`,
        { hint: '--drain-timeout=2m waits longer, --drain=best-effort goes on with them open' },
      );
    }
    options.onProgress(`${plural(log.open.length, 'connection')} open: ${peers}`);
    await sleep(lookEveryMs, undefined, { signal });
  }
}
