import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../../kube/index.ts';
import { PitstopError } from '../../errors.ts';
import { readServiceRecord } from '../../session/service-record.ts';
import { hasSelector, isNothing, listedBy, nextWrites, type NextWrites } from './next-writes.ts';
import { Pace } from './pace.ts';
import { LivePicture, type ServiceKey } from './picture.ts';
import { selectorIsBack } from './selector-is-back.ts';
import { deleteSlice, sendWrites } from './send-writes.ts';
import { Zones } from './zones.ts';

/** Changes come in bursts: one Pod's end is half a dozen events. */
const gatherMs = 10;
/** Looks again without any news: a refused write or a failure leaves none. */
const lookEveryMs = 1_000;
/** Who came later to a Service writes later: mostly there is nothing left to write. */
const turnMs = 150;
const longestTurnMs = 600;
/** A mirroring controller that has not removed its slices by then does not run. */
const mirrorPatienceMs = 3_000;

interface StandInOptions {
  readonly selector: Readonly<Record<string, string>>;
  readonly sessionId: string;
  readonly onWarning: (message: string) => void;
}

interface Wait {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/**
 * Stands in for the endpoints controllers of one Service for as long as its selector is away: births
 * and deaths of its Pods, their readiness, the Service's ports reach the slices and the Endpoints.
 * Disposing ends it, and waits for the write that is under way.
 */
export class StandIn implements AsyncDisposable {
  readonly #kube: Kube;
  readonly #key: ServiceKey;
  readonly #options: StandInOptions;
  readonly #picture: LivePicture;
  readonly #zones: Zones;
  readonly #stop = new AbortController();
  readonly #done: Promise<unknown>;
  readonly #said = new Set<string>();
  #news = new AbortController();
  #mirroredSince: number | undefined;
  /** What was sent last, and from which versions: its news may not have come yet. */
  #lastSent = '';
  readonly #pace = new Pace();
  #failure: unknown;

  constructor(kube: Kube, key: ServiceKey, options: StandInOptions) {
    this.#kube = kube;
    this.#key = key;
    this.#options = options;
    this.#zones = new Zones(kube);
    this.#picture = new LivePicture(kube, key, {
      selector: options.selector,
      signal: this.#stop.signal,
      onChange: () => this.#news.abort(),
    });
    this.#done = Promise.all([
      this.#picture.done.catch((error: unknown) => {
        this.#failure = error;
        this.#warn(error);
      }),
      this.#work(),
    ]);
  }

  async #work(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const { signal } = this.#news;
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
      await sleep(gatherMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      this.#news = new AbortController();
      if (this.#stop.signal.aborted) return;
      try {
        await this.#turn();
      } catch (error) {
        this.#lastSent = '';
        this.#warn(error);
      }
    }
  }

  async #turn(): Promise<void> {
    let writes = await this.#next();
    if (!writes || isNothing(writes)) return;
    const turn = Math.min(this.#rank() * turnMs, longestTurnMs);
    if (turn > 0) {
      await sleep(turn, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      writes = await this.#next();
    }
    if (!writes || isNothing(writes) || this.#stop.signal.aborted) return;
    const text = JSON.stringify(writes);
    if (text === this.#lastSent || !this.#pace.allows(contentOf(writes))) return;
    this.#lastSent = text;
    await sendWrites(this.#kube, writes);
  }

  async #next(): Promise<NextWrites | undefined> {
    const picture = this.#picture.whole;
    if (!picture || this.#rank(picture) < 0) return undefined;
    const writes = nextWrites(picture, await this.#zones.of(picture.pods, picture.slices));
    if (writes) await this.#removeLeftMirrors(writes);
    return writes;
  }

  #rank(picture = this.#picture.whole): number {
    const record = picture?.service && readServiceRecord(picture.service);
    return record?.sessions.findIndex(({ id }) => id === this.#options.sessionId) ?? -1;
  }

  /** k/k#105987, or a mirroring controller that was switched off: nobody else will. */
  async #removeLeftMirrors({ mirrored, endpoints }: NextWrites): Promise<void> {
    if (mirrored.length === 0 || endpoints) {
      this.#mirroredSince = undefined;
      return;
    }
    this.#mirroredSince ??= Date.now();
    if (Date.now() - this.#mirroredSince < mirrorPatienceMs) return;
    this.#mirroredSince = undefined;
    await Promise.all(mirrored.map((slice) => deleteSlice(this.#kube, slice)));
  }

  /** Resolves when the first picture is whole: a change from then on is answered at once. */
  async untilWatching({ signal, timeoutMs }: Wait): Promise<void> {
    const { namespace, name } = this.#key;
    const end = Date.now() + timeoutMs;
    while (!this.#picture.whole) {
      if (this.#failure !== undefined) throw this.#failure;
      if (Date.now() > end) {
        throw new PitstopError(
          'cluster',
          `service ${namespace}/${name}: its Pods, slices and Endpoints could not be watched within ${timeoutMs / 1000} s`,
        );
      }
      await sleep(gatherMs, undefined, { signal });
    }
  }

  /** Resolves when nothing lists the Pod for the Service any more, as the watches show it. */
  async untilWithout(pod: Pod, { signal, timeoutMs }: Wait): Promise<void> {
    const { namespace, name } = this.#key;
    const end = Date.now() + timeoutMs;
    for (;;) {
      const picture = this.#picture.whole;
      const isOurs = picture?.service && this.#rank(picture) >= 0;
      if (isOurs && hasSelector(picture.service)) throw selectorIsBack(this.#key);
      const lister = picture && listedBy(picture, pod);
      if (lister === undefined && (isOurs || picture?.service === undefined)) return;
      if (Date.now() > end) {
        throw new PitstopError(
          'isolation-unproven',
          `pod ${namespace}/${pod.metadata?.name}: service/${name} has no selector any more, ` +
            `but ${lister ?? 'something'} still lists the Pod after ${timeoutMs / 1000} s`,
          { hint: `kubectl get endpointslices,endpoints -n ${namespace} -o yaml` },
        );
      }
      await sleep(gatherMs, undefined, { signal });
    }
  }

  #warn(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const message = `service ${this.#key.namespace}/${this.#key.name}: its slices could not be kept up to date: ${(error as Error).message}`;
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#options.onWarning(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#news.abort();
    await this.#done;
  }
}

/** What would be written, whatever it is written over. */
function contentOf({ creates, patches, endpoints }: NextWrites): string {
  return JSON.stringify([
    creates,
    patches.map(({ slice, ...content }) => ({ name: slice.metadata?.name, ...content })),
    endpoints?.subsets,
  ]);
}
