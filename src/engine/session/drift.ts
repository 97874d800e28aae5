import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Kube } from '../../kube/index.ts';
import { describeEnd } from '../container/container-end.ts';
import { PitstopError } from '../errors.ts';
import { endpointsOf, sliceService, takesTraffic } from '../plan/traffic.ts';
import { routes } from '../routes/index.ts';
import { podGone } from '../steps/pod-gone.ts';
import { hasRecord, type UndoRecord } from './record.ts';

interface DriftOptions {
  readonly container: string;
  readonly record: UndoRecord;
  readonly onDrift: (error: PitstopError) => void;
  /** Shown every slice of the namespace, once none lists the Pod; throws where a Service has lost too many. */
  readonly checkSlices: (slices: readonly EndpointSlice[]) => void;
  /** A watch has ended for good (permissions taken away): nobody looks any more. */
  readonly onBlind: (error: unknown) => void;
}

/**
 * Watches, while the Pod is out, for anybody who undoes or outruns the session: the Pod deleted,
 * its container restarted, its labels or the record put back, a slice that lists it again, a Service
 * that has nobody left. Each kind is reported once. Disposing ends the watches.
 */
export class DriftWatch implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #reported = new Set<string>();
  readonly #options: DriftOptions;
  readonly #done: Promise<unknown>;

  constructor(kube: Kube, pod: Pod, options: DriftOptions) {
    this.#options = options;
    this.#done = Promise.all([
      this.#untilStopped(this.#watchPod(kube, pod)),
      this.#untilStopped(this.#watchSlices(kube, pod)),
      this.#untilStopped(this.#watchRoute(kube, pod)),
    ]);
  }

  async #untilStopped(watch: Promise<void>): Promise<void> {
    try {
      await watch;
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#options.onBlind(error);
    }
  }

  #report(error: PitstopError): void {
    if (this.#stop.signal.aborted || this.#reported.has(error.code)) return;
    this.#reported.add(error.code);
    this.#options.onDrift(error);
  }

  #check(slices: readonly EndpointSlice[]): void {
    try {
      this.#options.checkSlices(slices);
    } catch (error) {
      if (!(error instanceof PitstopError)) throw error;
      this.#report(error);
    }
  }

  async #watchPod(kube: Kube, pod: Pod): Promise<void> {
    const { container, record } = this.#options;
    const { name = '', namespace = '', uid } = pod.metadata ?? {};
    const restarts = restartCount(pod, container);
    let seen = false;
    const events = kube.watch<Pod>('pods', {
      namespace,
      fieldSelector: `metadata.name=${name}`,
      signal: this.#stop.signal,
    });
    for await (const event of events) {
      if (event.type === 'SYNCED') {
        if (!seen) this.#report(podGone({ namespace, name }));
        continue;
      }
      const { metadata } = event.object;
      if (metadata?.uid !== uid) continue;
      seen = true;
      if (event.type === 'DELETED' || metadata?.deletionTimestamp) {
        this.#report(podGone({ namespace, name }));
        continue;
      }
      if (restartCount(event.object, container) > restarts) {
        this.#report(
          new PitstopError(
            'container-restarted',
            `pod ${namespace}/${name}: container ${container} restarted during the session: ${await this.#whyEnded(kube, event.object)}`,
            { hint: `kubectl describe pod ${name} -n ${namespace}` },
          ),
        );
      }
      const drift = putBack(event.object, record);
      if (drift) this.#report(drift);
    }
  }

  async #whyEnded(kube: Kube, pod: Pod): Promise<string> {
    const { container } = this.#options;
    return await describeEnd(kube, pod, { container, signal: this.#stop.signal });
  }

  async #watchRoute(kube: Kube, pod: Pod): Promise<void> {
    const { record } = this.#options;
    const { name = '', namespace = '' } = pod.metadata ?? {};
    const stop = { kube, namespace, name, signal: this.#stop.signal };
    await routes[record.route].watch?.(stop, record, (error) => this.#report(error));
  }

  /** The first picture in which no slice lists the Pod arms it: before that, listing it is no news. */
  async #watchSlices(kube: Kube, pod: Pod): Promise<void> {
    const { name = '', namespace = '' } = pod.metadata ?? {};
    const listing = new Set<string>();
    const slices = new Map<string, EndpointSlice>();
    let synced = false;
    let armed = false;
    const events = kube.watch<EndpointSlice>('endpointslices', {
      namespace,
      signal: this.#stop.signal,
    });
    for await (const event of events) {
      if (event.type === 'SYNCED') {
        synced = true;
      } else {
        const slice = event.object.metadata?.name ?? '';
        const lists = event.type !== 'DELETED' && endpointsOf(event.object, pod).some(takesTraffic);
        if (lists) listing.add(slice);
        else listing.delete(slice);
        if (event.type === 'DELETED') slices.delete(slice);
        else slices.set(slice, event.object);
      }
      armed ||= synced && listing.size === 0;
      if (armed) this.#check([...slices.values()]);
      const [again] = listing;
      if (!armed || again === undefined) continue;
      // A slice may be seen before the label or the gate that is why; and only one is told.
      const why = await this.#whatWasPutBack(kube, pod);
      if (why) {
        this.#report(why);
        continue;
      }
      const slice = slices.get(again);
      const service = slice && sliceService(slice);
      this.#report(
        new PitstopError(
          'drift',
          `endpointslice ${namespace}/${again}${service ? ` of service ${service}` : ''} lists pod ${name} again: it gets new connections`,
          { hint: `kubectl get endpointslice ${again} -n ${namespace} -o yaml` },
        ),
      );
    }
  }

  async #whatWasPutBack(kube: Kube, { metadata }: Pod): Promise<PitstopError | undefined> {
    const { name = '', namespace, uid } = metadata ?? {};
    const reference = { resource: 'pods', namespace, name } as const;
    // Who cannot be asked now may be right all the same: then the slice is what is told.
    const now = await kube
      .get<Pod>(reference, { signal: this.#stop.signal })
      .catch(() => undefined);
    return now && now.metadata?.uid === uid ? putBack(now, this.#options.record) : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

function restartCount(pod: Pod, container: string): number {
  return pod.status?.containerStatuses?.find(({ name }) => name === container)?.restartCount ?? 0;
}

/** What somebody else undid on the Pod itself. */
function putBack(pod: Pod, record: UndoRecord): PitstopError | undefined {
  const { name = '', namespace = '' } = pod.metadata ?? {};
  const what = hasRecord(pod)
    ? routes[record.route].undone(pod, record)
    : 'the undo record is gone';
  if (what === undefined) return undefined;
  return new PitstopError('drift', `pod ${namespace}/${name}: ${what}: somebody else put it back`, {
    hint: `kubectl get pod ${name} -n ${namespace} -o yaml --show-managed-fields tells who wrote last`,
  });
}
