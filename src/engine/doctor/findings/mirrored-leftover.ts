import { costOf } from '../cost.ts';
import type { Finding } from '../finding.ts';
import { hasSelector, isMirrored, nameOf, slicesOf } from '../listed.ts';
import type { NamespaceWorld } from '../world.ts';

/**
 * Mirrored slices are for Services without a selector; when one comes back the mirroring controller
 * deletes them, which before k/k#105997 it did not (and where it is switched off, nobody does).
 */
export function findMirroredLeftovers(world: NamespaceWorld): readonly Finding[] {
  return world.services.filter(hasSelector).flatMap((service) => {
    const slices = slicesOf(world, service);
    return slices.filter(isMirrored).map((slice) => {
      const { name = '', uid, resourceVersion } = slice.metadata ?? {};
      return {
        name: 'mirrored-leftover' as const,
        severity: 'error' as const,
        namespace: world.namespace,
        object: `endpointslice/${name}`,
        message: `it was mirrored from Endpoints while service/${nameOf(service)} had no selector; its addresses are routed to, and nobody updates them any more`,
        cost: costOf(service, slices, world.pods),
        repair: {
          description: `delete it (service/${nameOf(service)} has its own slices)`,
          writes: [
            {
              verb: 'delete' as const,
              reference: { resource: 'endpointslices' as const, namespace: world.namespace, name },
              uid,
              resourceVersion,
            },
          ],
        },
        passing: true,
      };
    });
  });
}
