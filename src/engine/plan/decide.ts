import { PitstopError } from '../errors.ts';
import { pickContainer } from './container.ts';
import { describeServices } from './describe-service.ts';
import { findEntries } from './entries.ts';
import { ifCrashed } from './if-crashed.ts';
import { findInterlocks, interlockWarnings } from './interlocks/find.ts';
import { toInterlocks, type Circumstances } from './interlocks/finding.ts';
import { refuseGate } from './interlocks/refuse.ts';
import type { Plan } from './plan.ts';
import type { SessionRequest } from './request.ts';
import { chooseRoute } from './routes/choose.ts';
import { summarizeOwner } from './routes/owner.ts';
import type { Snapshot } from './snapshot.ts';
import { reachOf, type Reach } from './traffic.ts';
import { findWarnings } from './warnings.ts';

/**
 * The whole decision, from a snapshot alone: which Services, which route and why, what would be
 * written, what refuses. Throws `container-not-found` and `no-route`; interlocks are only listed.
 */
export function decide(snapshot: Snapshot, request: SessionRequest, diagnostic: string): Plan {
  const { pod, owner } = snapshot;
  const name = pod.metadata?.name ?? '';
  const namespace = pod.metadata?.namespace ?? '';
  const reach = reachOf(snapshot);
  const choice = chooseRoute(snapshot, reach, request.route);
  if (choice.name === undefined) {
    refuseGate(request, reach);
    throw noRoute({ snapshot, reach, rejected: choice.rejected }, request.route);
  }
  const entries = findEntries(snapshot);
  const services = describeServices(snapshot, reach, choice, entries);
  const circumstances: Circumstances = {
    snapshot,
    services,
    entries,
    route: choice.name,
    container: pickContainer(pod, request.container),
    runsDiagnostic: diagnostic !== 'none',
    minReady: request.minReady,
  };
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'Plan',
    metadata: { name, namespace },
    spec: { pod: name, podUid: pod.metadata?.uid ?? '', container: circumstances.container },
    status: {
      services,
      ...(owner && { owner: summarizeOwner(owner) }),
      route: { name: choice.name, reasons: choice.reasons, rejected: choice.rejected },
      labels: choice.labels,
      ...(choice.conditions && { conditions: choice.conditions }),
      entries,
      ...(choice.selectors && { selectors: choice.selectors }),
      ifCrashed: ifCrashed(choice.name, owner, entries),
      interlocks: toInterlocks(findInterlocks(circumstances), request.overrides),
      warnings: [
        ...findWarnings(snapshot, { choice, services, entries }),
        ...interlockWarnings(circumstances),
      ],
      diagnostic,
    },
  };
}

/** Of a forced route only why that one will not do, and which would. */
function noRoute(
  {
    snapshot,
    reach,
    rejected,
  }: {
    readonly snapshot: Snapshot;
    readonly reach: readonly Reach[];
    readonly rejected: Plan['status']['route']['rejected'];
  },
  forced: SessionRequest['route'],
): PitstopError {
  const { name, namespace } = snapshot.pod.metadata ?? {};
  const told = rejected.filter((each) => !forced || each.name === forced);
  const other = chooseRoute(snapshot, reach, forced ? undefined : 'selector').name;
  return new PitstopError(
    'no-route',
    [
      `pod ${namespace}/${name} cannot be taken out of its Services`,
      ...told.map((each) => `  ${each.name}: ${each.reason}`),
    ].join('\n'),
    {
      hint: !other
        ? `kubectl get endpointslices -n ${namespace} -o wide`
        : forced
          ? `without --route=${forced} it would leave them by route ${other}`
          : `kubectl pitstop plan ${name} -n ${namespace} --route=${other}`,
    },
  );
}
