import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { PitstopError } from '../errors.ts';
import { matchesMap } from '../plan/labels.ts';
import { endpointsOf, isListedReady, sliceService } from '../plan/traffic.ts';
import type { UndoRecord } from '../session/record.ts';
import { effectiveSelector } from '../session/service-record.ts';
import { insist } from './insist.ts';
import type { RestoreOptions } from './restore.ts';
import type { Stop } from './stop.ts';
import { watchUntil } from './watch-until.ts';

/**
 * Waits until every Service the Pod left lists it ready again; returns the slices that do. One that
 * was deleted meanwhile, or selects something else now, is said and not waited for.
 */
export async function proveListed(
  stop: Stop,
  pod: Pod,
  record: Pick<UndoRecord, 'services' | 'entries'>,
  { timeoutMs, onProgress, onWarning }: RestoreOptions,
): Promise<readonly string[]> {
  const left = record.services;
  if (left.length === 0) return [];
  const { kube, namespace, name, signal } = stop;
  const listers = (record.entries ?? []).map(({ service }) => service);
  const selecting = await insist({ signal, timeoutMs }, () => servicesOf(stop, pod, listers));
  const services = left.filter((service) => selecting.has(service));
  for (const service of left) {
    if (selecting.has(service)) continue;
    onWarning(`service/${service} is gone, or does not select pod ${namespace}/${name} any more`);
  }
  if (services.length === 0) return [];
  onProgress(`waiting for ${services.join(', ')} to list the Pod again`);
  const listing = (slices: readonly EndpointSlice[]) =>
    slices.filter(
      (slice) =>
        services.includes(sliceService(slice)) && endpointsOf(slice, pod).some(isListedReady),
    );
  return watchUntil<EndpointSlice, readonly string[]>(
    kube,
    'endpointslices',
    {
      namespace,
      signal,
      timeoutMs,
      onTimeout: (slices) => {
        const back = new Set(listing(slices).map(sliceService));
        const missing = services.filter((service) => !back.has(service)).join(', ');
        return new PitstopError(
          'restore-failed',
          `pod ${namespace}/${name} has its labels back, but ${missing} does not list it ready after ${Math.round(timeoutMs / 1000)} s`,
          { hint: `kubectl describe pod ${name} -n ${namespace}` },
        );
      },
    },
    (slices) => {
      const found = listing(slices);
      const back = new Set(found.map(sliceService));
      return services.every((service) => back.has(service))
        ? found.map(({ metadata }) => metadata?.name ?? '')
        : undefined;
    },
  );
}

async function servicesOf(
  { kube, namespace, signal }: Stop,
  pod: Pod,
  listers: readonly string[],
): Promise<Set<string>> {
  const services = await kube.list<Service>('services', { namespace, signal });
  const labels = pod.metadata?.labels ?? {};
  return new Set(
    services
      .filter(
        (service) =>
          matchesMap(effectiveSelector(service), labels) ||
          listers.includes(service.metadata?.name ?? ''),
      )
      .map(({ metadata }) => metadata?.name ?? ''),
  );
}
