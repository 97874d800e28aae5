import type { Service } from 'kubernetes-types/core/v1.js';
import type { Endpoint, EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { recordAnnotation } from '../../annotations.ts';
import { costOf } from '../cost.ts';
import { dropAddresses, dropEntries } from '../drop-entries.ts';
import type { Finding, Repair } from '../finding.ts';
import { addressOf, fateOf, hasSelector, isMirrored, nameOf, slicesOf } from '../listed.ts';
import type { NamespaceWorld } from '../world.ts';
import { lostItsSelector } from './selector-removed.ts';

/** A Service kept by hand lists what its keeper wrote, also when the Pods meant by it are gone. */
export function findDeadAddresses(world: NamespaceWorld): readonly Finding[] {
  return world.services.flatMap((service) => {
    const slices = slicesOf(world, service);
    if (hasSelector(service) || lostItsSelector(service, slices, world)) return [];
    // A session that keeps this Service's slices itself has its record on it.
    if (service.metadata?.annotations?.[recordAnnotation] !== undefined) return [];
    return slices.flatMap((slice) => findingOf(service, slice, { slices, world }));
  });
}

function findingOf(
  service: Service,
  slice: EndpointSlice,
  { slices, world }: { readonly slices: readonly EndpointSlice[]; readonly world: NamespaceWorld },
): readonly Finding[] {
  const dead = (slice.endpoints ?? []).filter(
    (entry) =>
      entry.conditions?.ready !== false &&
      ['fails', 'astray'].includes(fateOf(slice, entry, world.pods)),
  );
  if (dead.length === 0) return [];
  const repair = repairOf(slice, dead, world);
  return [
    {
      name: 'dead-address',
      severity: 'error',
      namespace: world.namespace,
      object: `endpointslice/${nameOf(slice)}`,
      message: `it lists Pods of service/${nameOf(service)} that are gone, and without a selector nobody updates it`,
      details: dead.map(
        (entry) => `${addressOf(entry)} was pod/${entry.targetRef?.name}, which is gone`,
      ),
      cost: costOf(service, slices, world.pods),
      // Whoever keeps it (an operator, a script) may just be about to.
      passing: true,
      ...(repair
        ? { repair }
        : {
            hint: `mend it where it is kept, or: kubectl edit endpointslice ${nameOf(slice)} -n ${world.namespace}`,
          }),
    },
  ];
}

function repairOf(
  slice: EndpointSlice,
  dead: readonly Endpoint[],
  { endpoints }: NamespaceWorld,
): Repair | undefined {
  const owner = slice.metadata?.ownerReferences?.find(({ controller }) => controller);
  if (!isMirrored(slice)) return owner ? undefined : dropEntries(slice, dead);
  // The mirror follows its Endpoints.
  const source = endpoints.find(({ metadata }) => metadata?.uid === owner?.uid);
  return source && dropAddresses(source, new Set(dead.flatMap(({ addresses }) => addresses)));
}
