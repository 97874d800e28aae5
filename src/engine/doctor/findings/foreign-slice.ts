import type { Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { recordAnnotation, standInManager } from '../../annotations.ts';
import { costOf } from '../cost.ts';
import { dropEntries } from '../drop-entries.ts';
import type { Finding, Repair } from '../finding.ts';
import {
  addressOf,
  fateOf,
  hasSelector,
  isMadeBySelector,
  isMirrored,
  managedByLabel,
  nameOf,
  slicesOf,
} from '../listed.ts';
import type { NamespaceWorld } from '../world.ts';
import { lostItsSelector } from './selector-removed.ts';

/**
 * A slice that carries a Service's name counts for it whoever made it (k/k endpointslicecache.go), and
 * no controller looks after one that is not its own: its Pods get traffic whatever the selector says.
 */
export function findForeignSlices(world: NamespaceWorld): readonly Finding[] {
  return world.services.flatMap((service) => {
    const slices = slicesOf(world, service);
    if (!hasSelector(service) && !lostItsSelector(service, slices, world)) return [];
    const own = slices.filter(isMadeBySelector);
    return slices
      .filter((slice) => !isMadeBySelector(slice) && !isMirrored(slice))
      .flatMap((slice) => findingOf(service, slice, { own, slices, world }));
  });
}

function findingOf(
  service: Service,
  slice: EndpointSlice,
  context: {
    readonly own: readonly EndpointSlice[];
    readonly slices: readonly EndpointSlice[];
    readonly world: NamespaceWorld;
  },
): readonly Finding[] {
  const { own, slices, world } = context;
  const entries = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  const twice = new Map(entries.map((entry) => [entry, listedBy(entry, own)]));
  const dead = entries.filter((entry) =>
    ['fails', 'astray'].includes(fateOf(slice, entry, world.pods)),
  );
  const doubled = entries.filter((entry) => !dead.includes(entry) && twice.get(entry));
  if (dead.length + doubled.length === 0) return [];
  const manager = slice.metadata?.labels?.[managedByLabel];
  const name = nameOf(slice);
  const needless = [...dead, ...doubled];
  const isLeft = isLeftBySession(service, slice);
  const repair = isLeft || isByHand(slice) ? repairOf(slice, needless, nameOf(service)) : undefined;
  return [
    {
      name: 'foreign-slice',
      severity: dead.length > 0 ? 'error' : 'warning',
      namespace: world.namespace,
      object: `endpointslice/${name}`,
      message: `${makerOf(manager, isLeft)} this slice of service/${nameOf(service)}: what it lists gets traffic, whatever the selector and the readiness of the Pods say`,
      details: [
        ...dead.map((entry) => `it lists ${addressOf(entry)}, where no Pod of it is any more`),
        ...doubled.map(
          (entry) =>
            `it lists ${addressOf(entry)}, which ${twice.get(entry)} lists by the selector`,
        ),
      ],
      cost: costOf(service, slices, world.pods),
      ...(isLeft && { passing: true }),
      ...(repair
        ? { repair }
        : {
            hint: `${manager ?? 'its owner'} would write it again: mend it there, or kubectl delete endpointslice ${name} -n ${world.namespace}`,
          }),
    },
  ];
}

/** The slice of the selector that lists one of the entry's addresses too, ready or not. */
function listedBy(entry: Endpoint, own: readonly EndpointSlice[]): string | undefined {
  const found = own.find(({ endpoints }) =>
    (endpoints ?? []).some(({ addresses }) =>
      addresses.some((address) => entry.addresses.includes(address)),
    ),
  );
  return found && nameOf(found);
}

function makerOf(manager: string | undefined, isLeft: boolean): string {
  if (isLeft) return 'a session of route selector, which is over, has left';
  return manager ? `${manager} keeps` : 'somebody made by hand';
}

/** With the selector back and no session on the Service nobody keeps such a slice up to date. */
function isLeftBySession(service: Service, slice: EndpointSlice): boolean {
  return (
    slice.metadata?.labels?.[managedByLabel] === standInManager &&
    hasSelector(service) &&
    service.metadata?.annotations?.[recordAnnotation] === undefined
  );
}

/** Nobody would write it again, and no session has its record there. */
function isByHand({ metadata }: EndpointSlice): boolean {
  return (
    metadata?.labels?.[managedByLabel] === undefined &&
    metadata?.annotations?.[recordAnnotation] === undefined &&
    !metadata?.ownerReferences?.some(({ controller }) => controller)
  );
}

function repairOf(
  slice: EndpointSlice,
  needless: readonly Endpoint[],
  service: string,
): Repair | undefined {
  const all = needless.length === (slice.endpoints ?? []).length;
  if (!all) return dropEntries(slice, needless);
  const { namespace, name = '', uid, resourceVersion } = slice.metadata ?? {};
  return {
    description: `delete it (all it lists is dead, or listed by the selector of service/${service})`,
    writes: [
      {
        verb: 'delete',
        reference: { resource: 'endpointslices', namespace, name },
        uid,
        resourceVersion,
      },
    ],
  };
}
