import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from '../../kube/index.ts';
import { insist } from '../steps/insist.ts';
import { readStatus, type StatusRequest } from './read-status.ts';
import type { StatusReport } from './report.ts';

/** Changes come in flocks: a Pod that leaves changes itself, its slices and its owner. */
const gatherMs = 200;
/** Deadlines pass without a change of any object. */
const renewEveryMs = 10_000;
/** An API server that restarts is no reason to look away. */
const readTimeoutMs = 60_000;

/**
 * `readStatus` at once, and again after each change of Pods, Services or EndpointSlices; a report
 * that reads as the one before is not repeated. Ends with `signal`.
 */
export async function* watchStatus(
  kube: Kube,
  request: StatusRequest,
  signal: AbortSignal,
): AsyncGenerator<StatusReport> {
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const namespace = request.allNamespaces ? undefined : request.namespace;
  let changed = Promise.withResolvers<void>();
  let problem: unknown;
  const watches = (['pods', 'services', 'endpointslices'] as const).map(async (resource) => {
    try {
      for await (const _event of kube.watch(resource, { namespace, signal: ended })) {
        changed.resolve();
      }
    } catch (error) {
      if (!ended.aborted) problem = error;
      changed.resolve();
    }
  });
  try {
    let before = '';
    while (!signal.aborted) {
      const report = await insist({ signal, timeoutMs: readTimeoutMs }, () =>
        readStatus(kube, request, signal),
      );
      const now = JSON.stringify(report);
      if (now !== before) yield report;
      before = now;
      await Promise.race([changed.promise, sleep(renewEveryMs, undefined, { signal: ended })]);
      if (problem !== undefined) throw problem;
      changed = Promise.withResolvers<void>();
      await sleep(gatherMs, undefined, { signal: ended });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop.abort();
    await Promise.all(watches);
  }
}
