import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { recordAnnotation } from '../../annotations.ts';
import { keptBy } from '../../plan/interlocks/gitops.ts';
import { matchesMap } from '../../plan/labels.ts';
import { costOf, costsNow } from '../cost.ts';
import type { Finding } from '../finding.ts';
import { formerSelector, type FormerSelector } from '../former-selector.ts';
import {
  addressOf,
  addressesOf,
  fateOf,
  hasSelector,
  isMadeBySelector,
  isReady,
  nameOf,
  slicesOf,
} from '../listed.ts';
import type { NamespaceWorld } from '../world.ts';

/**
 * The hand recipe, forgotten or half done: without a selector the controllers leave the slices as they
 * were (k/k endpointslice_controller.go syncService), so dead Pods stay listed and new ones never are.
 */
export function findRemovedSelectors(world: NamespaceWorld): readonly Finding[] {
  return world.services.flatMap((service) => {
    const slices = slicesOf(world, service);
    if (!lostItsSelector(service, slices, world)) return [];
    const former = formerSelector(service, slices, world);
    const cost = costOf(service, slices, world.pods);
    return [
      {
        name: 'selector-removed' as const,
        severity: 'error' as const,
        namespace: world.namespace,
        object: `service/${nameOf(service)}`,
        message: `its selector is gone: its EndpointSlices stand still, Pods that die stay listed and new ones never are${costsNow(cost) ? '' : ' (nothing is lost yet: every listed Pod answers)'}`,
        details: [
          ...lastWriter(service),
          ...keeper(service),
          ...listedLines(slices, world),
          ...hiddenLines(service, slices, world),
          ...unlistedLines(slices, former, world),
          ...sharedLines(former),
        ],
        cost,
        ...(former ? { repair: repairOf(service, former) } : { hint: hintOf(service) }),
      },
    ];
  });
}

/** One that never had a selector has no slice of the controllers; ours to undo if a session holds it. */
export function lostItsSelector(
  service: Service,
  slices: readonly EndpointSlice[],
  { endpoints }: NamespaceWorld,
): boolean {
  if (hasSelector(service) || service.spec?.type === 'ExternalName') return false;
  if (service.metadata?.annotations?.[recordAnnotation] !== undefined) return false;
  const owned = slices.some(
    (slice) =>
      isMadeBySelector(slice) &&
      (slice.metadata?.ownerReferences?.some(({ uid }) => uid === service.metadata?.uid) ?? true),
  );
  // The slices may have been deleted by hand; KEP-4974: since 1.33 the Endpoints tell who made them.
  const made = endpoints.find((each) => nameOf(each) === nameOf(service))?.metadata?.labels?.[
    'endpoints.kubernetes.io/managed-by'
  ];
  return owned || made === 'endpoint-controller';
}

function lastWriter({ metadata }: Service): readonly string[] {
  const writes = (metadata?.managedFields ?? []).filter(({ subresource }) => !subresource);
  const [last] = writes.toSorted((a, b) => (b.time ?? '').localeCompare(a.time ?? ''));
  return last?.time && last.manager ? [`last written by ${last.manager} at ${last.time}`] : [];
}

/** What keeps it by a manifest has not put the selector back: it is missing there too. */
function keeper(service: Service): readonly string[] {
  const kept = keptBy(service);
  return kept ? [`${kept}; if it has not, mend what it goes by first`] : [];
}

function listedLines(slices: readonly EndpointSlice[], { pods }: NamespaceWorld): string[] {
  return slices.flatMap((slice) =>
    (slice.endpoints ?? []).flatMap((endpoint) => {
      if (endpoint.conditions?.ready === false) return [];
      const pod = endpoint.targetRef?.name;
      const where = `${nameOf(slice)} lists ${addressOf(endpoint)}`;
      switch (fateOf(slice, endpoint, pods)) {
        case 'fails':
          return [`${where} as ready, but ${pod ? `pod/${pod} is gone` : 'no Pod is there'}`];
        case 'astray':
          return [`${where} for pod/${pod}, which is gone: another Pod has that address now`];
        case 'unready':
          return [`${where} as ready, but ${pod ? `pod/${pod}` : 'its Pod'} is not`];
        case 'answers':
        case 'outside':
          return [];
      }
    }),
  );
}

/** What a person took out of the Endpoints, and believes to be out of traffic. */
function hiddenLines(
  service: Service,
  slices: readonly EndpointSlice[],
  { endpoints, pods }: NamespaceWorld,
): string[] {
  const shown = endpoints.find((each) => nameOf(each) === nameOf(service))?.subsets ?? [];
  const addresses = new Set(
    shown.flatMap(({ addresses: all = [], notReadyAddresses = [] }) =>
      [...all, ...notReadyAddresses].map(({ ip }) => ip),
    ),
  );
  return slices
    .filter(isMadeBySelector)
    .flatMap((slice) =>
      (slice.endpoints ?? [])
        .filter(
          (endpoint) =>
            fateOf(slice, endpoint, pods) === 'answers' && !addresses.has(addressOf(endpoint)),
        )
        .map(
          (endpoint) =>
            `kubectl get endpoints does not show ${addressOf(endpoint)} any more, but pod/${endpoint.targetRef?.name} gets its share of the traffic as before: ${nameOf(slice)} lists it`,
        ),
    );
}

function unlistedLines(
  slices: readonly EndpointSlice[],
  former: FormerSelector | undefined,
  { pods }: NamespaceWorld,
): string[] {
  const listed = new Set(
    slices.flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses)),
  );
  return pods
    .filter(
      (pod) =>
        isReady(pod) &&
        matchesMap(former?.selector, pod.metadata?.labels ?? {}) &&
        ![...addressesOf(pod)].some((address) => address !== undefined && listed.has(address)),
    )
    .map((pod) => `pod/${nameOf(pod)} is Ready, but no slice lists it: it gets no traffic`);
}

/** The repair brings the right Pods back today; a label that it leaves out may matter tomorrow. */
function sharedLines(former: FormerSelector | undefined): string[] {
  const shared = Object.entries(former?.alsoShared ?? {});
  if (shared.length === 0) return [];
  const pairs = shared.map(([key, value]) => `${key}=${value}`).join(', ');
  return [
    `all listed Pods also carry ${pairs}: if the Service selected on that too, apply its manifest instead of --fix`,
  ];
}

function repairOf(
  { metadata }: Service,
  { selector, source }: FormerSelector,
): NonNullable<Finding['repair']> {
  const { namespace, name = '', uid, resourceVersion } = metadata ?? {};
  const pairs = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  return {
    description: `put the selector ${pairs.join(',')} back (${source})`,
    writes: [
      {
        verb: 'patch',
        reference: { resource: 'services', namespace, name },
        type: 'merge',
        patch: { metadata: { uid, resourceVersion }, spec: { selector } },
      },
    ],
  };
}

function hintOf({ metadata }: Service): string {
  return `what it selected cannot be told from the cluster; apply its manifest again, or: kubectl set selector service ${metadata?.name} -n ${metadata?.namespace} KEY=VALUE`;
}
