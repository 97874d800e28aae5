import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../sockets/sockets.ts';
import type { ConnectionLog } from '../sockets/connections.ts';
import { describePeers } from '../sockets/describe-peers.ts';
import type { PeerNames } from '../sockets/name-peers.ts';
import { PitstopError } from '../errors.ts';
import type { SocketWatch } from '../sockets/socket-watch.ts';
import { plural } from '../words.ts';
import { pauseAfter } from './look-pace.ts';
import type { Stop } from './stop.ts';

/** What is asked when connections are still open at the drain timeout. */
export interface DrainTimeout {
  readonly pod: string;
  readonly namespace: string;
  readonly openConnections: number;
  /** Who is connected, for people. */
  readonly peers: string;
  readonly waitedMs: number;
  /** Aborted when the answer is not needed any more: the last connection has closed, or the stop is over. */
  readonly signal: AbortSignal;
}

/** `proceed` with the connections open, `wait` as long again, or `restore` the Pod and fail. */
export type DrainAnswer = 'proceed' | 'wait' | 'restore';
export type AskOnDrainTimeout = (question: DrainTimeout) => Promise<DrainAnswer>;

interface DrainOptions {
  readonly mode: 'strict' | 'best-effort';
  readonly timeoutMs: number;
  readonly peerNames: PeerNames;
  /** Absent = nobody to ask: the mode decides. */
  readonly onDrainTimeout?: AskOnDrainTimeout | undefined;
  readonly onProgress: (message: string) => void;
}

/**
 * Waits until the connections that Service traffic had opened are closed: taking a Pod out of its
 * slices ends none of them. At the timeout `strict` fails, naming the peers, unless somebody who may
 * be asked says otherwise. `first` is the last look at the sockets.
 */
export async function drain(
  stop: Stop,
  sockets: SocketWatch,
  first: ConnectionLog,
  options: DrainOptions,
): Promise<{ readonly log: ConnectionLog; readonly drained: boolean }> {
  const begunMs = performance.now();
  const awaited = [...first.undecided.keys()];
  let log = first;
  let lookTookMs = 0;
  let said = '';
  const untilDrained = async (signal: AbortSignal, deadlineMs: number): Promise<boolean> => {
    for (;;) {
      if (log.open.length === 0 && !awaited.some((key) => log.undecided.has(key))) return true;
      const message = `${plural(openIn(log).length, 'connection')} open: ${await peersOf(log, options, signal)}`;
      if (message !== said) options.onProgress(message);
      said = message;
      if (performance.now() >= deadlineMs) return false;
      await sleep(pauseAfter(lookTookMs), undefined, { signal });
      const lookMs = performance.now();
      log = await sockets.look(signal);
      lookTookMs = performance.now() - lookMs;
    }
  };
  for (;;) {
    const deadlineMs = performance.now() + options.timeoutMs;
    if (await untilDrained(stop.signal, deadlineMs)) return { log, drained: true };
    const waitedMs = performance.now() - begunMs;
    const peers = await peersOf(log, options, stop.signal);
    const answer = await askOnce(stop, options, {
      openConnections: openIn(log).length,
      peers,
      waitedMs,
      untilDrained: (signal) => untilDrained(signal, Number.POSITIVE_INFINITY),
    });
    if (answer === 'drained') return { log, drained: true };
    if (answer === 'proceed') return { log, drained: false };
    if (answer === 'restore') throw timedOut(stop, log, peers, waitedMs);
  }
}

interface Situation {
  readonly openConnections: number;
  readonly peers: string;
  readonly waitedMs: number;
  readonly untilDrained: (signal: AbortSignal) => Promise<boolean>;
}

/** The answer of whoever may be asked, else the mode's; `drained` when that came first. */
async function askOnce(
  { namespace, name, signal }: Stop,
  { mode, onDrainTimeout }: DrainOptions,
  { untilDrained, ...situation }: Situation,
): Promise<DrainAnswer | 'drained'> {
  if (mode === 'best-effort') return 'proceed';
  if (!onDrainTimeout) return 'restore';
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    return await Promise.race([
      onDrainTimeout({ pod: name, namespace, ...situation, signal: either }),
      untilDrained(either).then(() => 'drained' as const),
    ]);
  } finally {
    over.abort();
  }
}

/** What was too young to tell at the start counts as open until it is told from a probe. */
function openIn({ open, undecided }: ConnectionLog): readonly Connection[] {
  return open.length > 0 ? open : [...undecided.values()].map(({ connection }) => connection);
}

async function peersOf(
  log: ConnectionLog,
  { peerNames }: DrainOptions,
  signal: AbortSignal,
): Promise<string> {
  const open = openIn(log);
  return describePeers(open, await peerNames.of(open, signal));
}

function timedOut(
  { namespace, name }: Stop,
  log: ConnectionLog,
  peers: string,
  waitedMs: number,
): PitstopError {
  return new PitstopError(
    'drain-timeout',
    `pod ${namespace}/${name}: ${plural(openIn(log).length, 'connection')} still open after ` +
      `${Math.round(waitedMs / 1000)} s: ${peers}`,
    {
      hint:
        '--drain-timeout=2m waits longer, --drain-hook lets the app end them, --sever=idle ends the idle ones, ' +
        '--drain=best-effort goes on with them open',
    },
  );
}
