import type { Endpoint } from 'kubernetes-types/discovery/v1.js';
import { entryObject, sliceManager, type PlanEntry } from './entries.ts';
import type { PlanService } from './plan.ts';
import { resolvePorts } from './ports.ts';
import { rejectedFor, type RouteChoice } from './routes/choose.ts';
import type { Snapshot } from './snapshot.ts';
import { endpointsOf, isListedReady, sliceService, type Reach } from './traffic.ts';

/** The Services as the plan shows them: what each is, who else carries its traffic, how it is left. */
export function describeServices(
  snapshot: Snapshot,
  reach: readonly Reach[],
  choice: Extract<RouteChoice, { readonly services: unknown }>,
  entries: readonly PlanEntry[],
): readonly PlanService[] {
  return reach.map((each) => {
    const described = describeService(each, snapshot);
    const rejected = each.bySelector && reach.length > 1 ? rejectedFor(snapshot, each, choice) : [];
    const leavesBy = [
      ...choice.services
        .filter(({ name }) => name === described.name)
        .map(({ by, how }) => ({ by, how })),
      ...entries
        .filter(({ service }) => service === described.name)
        .map((entry) => ({ by: 'entry' as const, how: `taken out of ${entryObject(entry)}` })),
    ];
    return {
      ...described,
      leavesBy:
        leavesBy.length > 0
          ? leavesBy
          : [
              {
                by: 'none',
                how: 'its selector does not pick the Pod: its controller takes it off',
              },
            ],
      ...(rejected.length > 0 && { rejected }),
    };
  });
}

function describeService(
  reach: Reach,
  snapshot: Snapshot,
): Omit<PlanService, 'leavesBy' | 'rejected'> {
  const { service, selector, slices } = reach;
  const { spec } = service;
  const ready = readyEndpoints(reach, snapshot);
  const local = spec?.internalTrafficPolicy === 'Local' || spec?.externalTrafficPolicy === 'Local';
  return {
    name: service.metadata?.name ?? '',
    type: spec?.type ?? 'ClusterIP',
    headless: spec?.clusterIP === 'None',
    selector: Object.keys(selector).length > 0 ? selector : null,
    publishNotReadyAddresses: spec?.publishNotReadyAddresses ?? false,
    ...(spec?.internalTrafficPolicy === 'Local' && { internalTrafficPolicy: 'Local' }),
    ...(spec?.externalTrafficPolicy === 'Local' && { externalTrafficPolicy: 'Local' }),
    ...(spec?.externalIPs && { externalIPs: spec.externalIPs }),
    ports: resolvePorts(reach, snapshot.pod),
    slices: slices.map(({ metadata }) => metadata?.name ?? ''),
    managedBy: [...new Set(slices.map(sliceManager))],
    readyEndpoints: ready.all.size,
    readyOthers: ready.others.size,
    ...(local && { readyOthersOnNode: ready.othersOnNode.size }),
  };
}

function readyEndpoints({ service }: Reach, { pod, slices }: Snapshot) {
  const own = slices.filter((slice) => sliceService(slice) === service.metadata?.name);
  const mine = new Set(own.flatMap((slice) => endpointsOf(slice, pod)));
  const ready = own.flatMap(({ endpoints }) => endpoints ?? []).filter(isListedReady);
  const names = podsByAddress(ready);
  const all = new Set<string>();
  const others = new Set<string>();
  const othersOnNode = new Set<string>();
  for (const endpoint of ready) {
    const [address = ''] = endpoint.addresses;
    const who = names.get(address) ?? address;
    all.add(who);
    if (mine.has(endpoint)) continue;
    others.add(who);
    if (endpoint.nodeName === pod.spec?.nodeName) othersOnNode.add(who);
  }
  return { all, others, othersOnNode };
}

/** A Pod of two address families is one endpoint, though two slices list it. */
function podsByAddress(endpoints: readonly Endpoint[]): ReadonlyMap<string, string> {
  return new Map(
    endpoints.flatMap(({ addresses, targetRef }) =>
      targetRef?.uid === undefined
        ? []
        : addresses.map((address) => [address, targetRef.uid ?? ''] as const),
    ),
  );
}
