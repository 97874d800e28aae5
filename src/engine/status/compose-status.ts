import type { Service } from 'kubernetes-types/core/v1.js';
import { sliceManager } from '../plan/entries.ts';
import { isListedReady, sliceService } from '../plan/traffic.ts';
import { effectiveSelector } from '../session/service-record.ts';
import { describeSession } from './describe-session.ts';
import { gatherRecords, type Recorded, type StatusObjects } from './records.ts';
import type { EndpointStatus, ServiceStatus, StatusReport } from './report.ts';

/** The whole status of what was listed, as of `nowMs` by the server's clock. */
export function composeStatus(
  objects: StatusObjects,
  { namespace, nowMs }: { readonly namespace: string; readonly nowMs: number },
): StatusReport {
  const { sessions, unreadable } = gatherRecords(objects);
  const podKeys = new Set(objects.pods.map(({ metadata }) => keyOf(metadata)));
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'StatusReport',
    metadata: { namespace },
    services: objects.services
      .map((service) => serviceStatus(service, objects, { sessions, podKeys }))
      .toSorted((a, b) => keyOf(a).localeCompare(keyOf(b))),
    sessions: sessions
      .map((recorded) => describeSession(recorded, objects, nowMs))
      .toSorted((a, b) => `${a.since} ${a.id}`.localeCompare(`${b.since} ${b.id}`)),
    problems: unreadable,
  };
}

function serviceStatus(
  service: Service,
  { slices }: StatusObjects,
  known: { readonly sessions: readonly Recorded[]; readonly podKeys: ReadonlySet<string> },
): ServiceStatus {
  const { name = '', namespace = '' } = service.metadata ?? {};
  const own = slices
    .filter((slice) => slice.metadata?.namespace === namespace && sliceService(slice) === name)
    .toSorted((a, b) => keyOf(a.metadata).localeCompare(keyOf(b.metadata)));
  return {
    namespace,
    name,
    selector: effectiveSelector(service) ?? {},
    heldBy: known.sessions
      .filter(
        (session) => session.namespace === namespace && session.objects.includes(`service/${name}`),
      )
      .map(({ id }) => id),
    slices: own.map((slice) => ({
      name: slice.metadata?.name ?? '',
      managedBy: sliceManager(slice),
      addressType: slice.addressType,
    })),
    endpoints: own.flatMap((slice) =>
      (slice.endpoints ?? []).flatMap((endpoint) =>
        endpoint.addresses.map((address): EndpointStatus => {
          const { kind, name: pod } = endpoint.targetRef ?? {};
          const isGone = kind === 'Pod' && !known.podKeys.has(keyOf({ namespace, name: pod }));
          return {
            address,
            ...(kind === 'Pod' && pod && { pod }),
            ready: isListedReady(endpoint),
            terminating: endpoint.conditions?.terminating === true,
            slice: slice.metadata?.name ?? '',
            ...(isGone && { podGone: true }),
          };
        }),
      ),
    ),
  };
}

function keyOf({
  namespace,
  name,
}: { readonly namespace?: string | undefined; readonly name?: string | undefined } = {}): string {
  return `${namespace}/${name}`;
}
