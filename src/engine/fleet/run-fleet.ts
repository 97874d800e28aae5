import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import type { RouteName } from '../plan/plan.ts';
import { defaults, type SessionRequest } from '../plan/request.ts';
import { targetSelection } from '../plan/target.ts';
import { runSession } from '../run-session.ts';
import type { Emit } from '../session/events.ts';
import { hasRecord } from '../session/record.ts';
import type { Session } from '../session/session.ts';
import { describeError } from '../session/session-log.ts';
import type { AskOnDrainTimeout } from '../steps/drain.ts';
import { insist } from '../steps/insist.ts';
import { nextPod, uidOf } from './next-pod.ts';
import { listTargetPods } from './target-pods.ts';
import { waitsAfterRefusal, waitsAfterSession } from './why-waits.ts';

/** Sessions of others end unannounced; ours wake the loop by themselves. */
const lookEveryMs = 1_000;
const listTimeoutMs = 30_000;

/** `maxOut` is 1 where it is not given. */
export interface FleetRequest extends SessionRequest {
  /** Go on with the other Pods after one has failed. */
  readonly keepGoing?: boolean | undefined;
}

export interface FleetOptions {
  readonly signal?: AbortSignal | undefined;
  /** The listener for one Pod's session; asked once for each. */
  readonly listen?: ((pod: string) => Emit) | undefined;
  /** What the run waits for, or leaves out. */
  readonly onMessage?: ((message: string) => void) | undefined;
  /** Asked for each Pod whose connections are still open at the drain timeout; never for two at once. */
  readonly onDrainTimeout?: AskOnDrainTimeout | undefined;
}

/** A Pod without a session, and why: refused before anything was touched, or gone. */
export interface LeftOut {
  readonly pod: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface FleetResult {
  readonly sessions: readonly Session[];
  readonly refused: readonly LeftOut[];
  readonly skipped: readonly LeftOut[];
}

/**
 * A session for each Pod of a workload or Service in turn; Pods that appear meanwhile (a rollout) are
 * taken in, those that vanish are skipped. Stops at the first failure unless `keepGoing`; once `signal`
 * fires, all that are out come back and none is begun. Throws only when the target cannot be read.
 */
export async function runFleet(
  kube: Kube,
  request: FleetRequest,
  options: FleetOptions = {},
): Promise<FleetResult> {
  const { signal = new AbortController().signal, onMessage = () => undefined } = options;
  const onDrainTimeout = options.onDrainTimeout && oneAtATime(options.onDrainTimeout);
  const { namespace, target, maxOut = 1, keepGoing = false } = request;
  const selects = await targetSelection(kube, target, namespace, signal);
  const sessions: Session[] = [];
  const refused: LeftOut[] = [];
  const skipped: LeftOut[] = [];
  const over = new Set<string>();
  const running = new Map<string, RouteName | undefined>();
  const work = new Map<string, Promise<void>>();
  let hasFailed = false;
  let isBlind = false;
  let said = '';
  /** Since when nothing could be begun although nothing was under way. */
  let idleSince: number | undefined;

  const isTired = () =>
    idleSince !== undefined &&
    Date.now() - idleSince > (request.restoreTimeoutMs ?? defaults.restoreTimeoutMs);

  async function stopOne(pod: Pod): Promise<void> {
    const name = pod.metadata?.name ?? '';
    const uid = uidOf(pod);
    const listen = options.listen?.(name);
    try {
      const session = await runSession(
        kube,
        { ...request, target: `pod/${name}`, maxOut, maxOutOf: target },
        {
          signal,
          onDrainTimeout,
          onPreparing: (message) => onMessage(`pod ${name}: ${message}`),
          onEvent: (event) => {
            if (event.type === 'session-started') running.set(uid, event.session.spec.route);
            listen?.(event);
          },
        },
      );
      if (waitsAfterSession(session) && !signal.aborted) {
        idleSince = undefined;
        await hasToWait(session.status.error?.message ?? '', name);
        return;
      }
      sessions.push(session);
      over.add(uid);
      if (session.status.error) hasFailed = true;
      const { replacementKept } = session.status.restoration ?? {};
      if (replacementKept) await passOver(replacementKept);
    } catch (error) {
      if (signal.aborted) return;
      const mayBeTheirs = describeError(error).code === 'interlock';
      const waitsFor = waitsAfterRefusal(error, {
        isCrowded: mayBeTheirs && (await isCrowded(uid)),
      });
      if (waitsFor === 'others') idleSince = undefined;
      if (waitsFor === 'others' || (waitsFor === 'settles' && !isTired())) {
        await hasToWait(describeError(error).message, name);
        return;
      }
      over.add(uid);
      const left = { pod: name, ...describeError(error) };
      if (left.code === 'pod-not-found' || left.code === 'pod-gone') {
        skipped.push(left);
        onMessage(`skipped: ${left.message}`);
      } else {
        refused.push(left);
        hasFailed = true;
        onMessage(`refused: ${left.message}`);
      }
    } finally {
      if (over.has(uid)) idleSince = undefined;
      running.delete(uid);
      work.delete(uid);
    }
  }

  /** Its turn comes again. */
  async function hasToWait(why: string, pod: string): Promise<void> {
    say(`pod ${pod} has to wait: ${why}`);
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }

  /** Whoever stands in for a Pod that had its turn needs none: else the run would never end. */
  async function passOver(name: string): Promise<void> {
    const reference = { resource: 'pods', namespace, name } as const;
    try {
      const pod = await insist({ signal, timeoutMs: listTimeoutMs }, () =>
        kube.get<Pod>(reference, { signal }),
      );
      if (pod) over.add(uidOf(pod));
    } catch (error) {
      refused.push({ pod: name, ...describeError(error) });
      isBlind = true;
    }
  }

  /** Undefined when the Pods cannot be read: then nothing more is begun, and what is out comes back. */
  async function look(): Promise<readonly Pod[] | undefined> {
    try {
      return await readPods(kube, { namespace, selects, signal });
    } catch (error) {
      if (sessions.length + work.size === 0) throw error;
      refused.push({ pod: '', ...describeError(error) });
      onMessage(`stopped: ${describeError(error).message}`);
      isBlind = true;
      return undefined;
    }
  }

  /** Whether sessions of others leave no room beside our own. */
  async function isCrowded(except: string): Promise<boolean> {
    const pods = (await look()) ?? [];
    const others = pods.filter((pod) => hasRecord(pod) && !running.has(uidOf(pod)));
    const own = [...running.keys()].filter((uid) => uid !== except);
    return others.length > 0 && others.length + own.length >= maxOut;
  }

  function say(message: string): void {
    if (message === said) return;
    said = message;
    onMessage(message);
  }

  for (;;) {
    const isStopping = signal.aborted || isBlind || (hasFailed && !keepGoing);
    const pods = isStopping ? [] : await look();
    if (!pods) continue;
    const next = nextPod({ pods, over, running, maxOut, isStopping, isTired: isTired() });
    if (next.kind === 'done') return { sessions, refused, skipped };
    if (next.kind === 'start') {
      const uid = uidOf(next.pod);
      running.set(uid, undefined);
      idleSince ??= Date.now();
      work.set(uid, stopOne(next.pod));
      continue;
    }
    if (work.size === 0) {
      idleSince = next.isForOthers ? undefined : (idleSince ?? Date.now());
      say(`waiting: ${next.why}`);
    }
    await Promise.race([...work.values(), pause(signal, work.size > 0)]);
  }
}

/** There is one person to be asked, however many Pods are out. */
function oneAtATime(ask: AskOnDrainTimeout): AskOnDrainTimeout {
  let last: Promise<unknown> = Promise.resolve();
  return (question) => {
    const answer = last.then(() => ask(question));
    last = answer.catch(() => undefined);
    return answer;
  };
}

/** Once interrupted there is nothing to look for; what is out comes back by itself. */
async function pause(signal: AbortSignal, hasWork: boolean): Promise<void> {
  const options = signal.aborted && hasWork ? {} : { signal };
  await sleep(lookEveryMs, undefined, options).catch(() => undefined);
}

/** Once interrupted there is nothing to read any more. */
async function readPods(
  kube: Kube,
  options: Parameters<typeof listTargetPods>[1],
): Promise<readonly Pod[]> {
  try {
    return await listTargetPods(kube, options);
  } catch (error) {
    if (options.signal.aborted) return [];
    throw error;
  }
}
