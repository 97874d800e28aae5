import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Kube } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { recordAnnotation } from '../annotations.ts';
import type { LabelChange } from '../plan/routes.ts';
import { endpointsOf, takesTraffic } from '../plan/traffic.ts';

/**
 * Watches, while the Pod is out, for anybody who undoes or outruns the session: the Pod deleted,
 * its container restarted, its labels or the record put back, a slice that lists it again. Each kind
 * is reported once. Disposing ends the watches.
 */
export class DriftWatch implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #reported = new Set<string>();
  readonly #done: Promise<unknown>;

  constructor(
    kube: Kube,
    pod: Pod,
    options: {
      readonly container: string;
      readonly labels: LabelChange;
      /** False until the slices were proven clean: before that, listing the Pod is no news. */
      readonly isProven: () => boolean;
      readonly onDrift: (error: PitstopError) => void;
    },
  ) {
    const report = (error: PitstopError): void => {
      if (this.#stop.signal.aborted || this.#reported.has(error.code)) return;
      this.#reported.add(error.code);
      options.onDrift(error);
    };
    this.#done = Promise.allSettled([
      this.#watchPod(kube, pod, { ...options, report }),
      this.#watchSlices(kube, pod, { ...options, report }),
    ]);
  }

  async #watchPod(
    kube: Kube,
    pod: Pod,
    {
      container,
      labels,
      report,
    }: {
      readonly container: string;
      readonly labels: LabelChange;
      readonly report: (error: PitstopError) => void;
    },
  ): Promise<void> {
    const { name = '', namespace = '', uid } = pod.metadata ?? {};
    const where = `pod ${namespace}/${name}`;
    const restarts = restartCount(pod, container);
    let seen = false;
    const gone = () =>
      report(
        new PitstopError('pod-gone', `${where} was deleted during the session`, {
          hint: `kubectl get events -n ${namespace} --field-selector involvedObject.name=${name}`,
        }),
      );
    const events = kube.watch<Pod>('pods', {
      namespace,
      fieldSelector: `metadata.name=${name}`,
      signal: this.#stop.signal,
    });
    for await (const event of events) {
      if (event.type === 'SYNCED') {
        if (!seen) gone();
        continue;
      }
      if (event.object.metadata?.uid !== uid) continue;
      seen = true;
      if (event.type === 'DELETED' || event.object.metadata?.deletionTimestamp) {
        gone();
        continue;
      }
      if (restartCount(event.object, container) > restarts) {
        report(
          new PitstopError(
            'container-restarted',
            `${where}: container ${container} restarted during the session: ${lastExit(event.object, container)}`,
            { hint: `kubectl describe pod ${name} -n ${namespace}` },
          ),
        );
      }
      const undone = Object.entries(labels).filter(
        ([key, value]) => (event.object.metadata?.labels?.[key] ?? null) !== value,
      );
      const recordGone = event.object.metadata?.annotations?.[recordAnnotation] === undefined;
      if (undone.length > 0 || recordGone) {
        const what = recordGone
          ? 'the undo record is gone'
          : `label ${undone[0]?.[0]} was set again`;
        report(new PitstopError('drift', `${where}: ${what}: somebody else put it back`));
      }
    }
  }

  async #watchSlices(
    kube: Kube,
    pod: Pod,
    {
      isProven,
      report,
    }: { readonly isProven: () => boolean; readonly report: (error: PitstopError) => void },
  ): Promise<void> {
    const { name = '', namespace = '' } = pod.metadata ?? {};
    const events = kube.watch<EndpointSlice>('endpointslices', {
      namespace,
      signal: this.#stop.signal,
    });
    for await (const event of events) {
      if (event.type === 'SYNCED' || event.type === 'DELETED' || !isProven()) continue;
      if (!endpointsOf(event.object, pod).some(takesTraffic)) continue;
      report(
        new PitstopError(
          'drift',
          `endpointslice ${namespace}/${event.object.metadata?.name} lists pod ${name} again`,
          {
            hint: `kubectl get endpointslice ${event.object.metadata?.name} -n ${namespace} -o yaml`,
          },
        ),
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

function restartCount(pod: Pod, container: string): number {
  return pod.status?.containerStatuses?.find(({ name }) => name === container)?.restartCount ?? 0;
}

function lastExit(pod: Pod, container: string): string {
  const ended = pod.status?.containerStatuses?.find(({ name }) => name === container)?.lastState
    ?.terminated;
  return ended ? `${ended.reason ?? 'ended'}, exit code ${ended.exitCode}` : 'reason not known';
}
