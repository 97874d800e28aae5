import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { KubeError, type Kube } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import type { Held } from './expiry.ts';
import { hasRecord } from './record.ts';
import { leaseSeconds } from './session-lease.ts';
import { readServiceRecord, type ServiceRecord, type SharedSession } from './service-record.ts';

/**
 * Sessions of route `selector` whose Pod is no more, or carries no record of them: what they left on
 * Services is all that tells of them. Each comes as the Pod was called, with the record it had.
 */
export async function findForsaken(
  kube: Kube,
  where: { readonly namespace?: string | undefined; readonly pod?: string | undefined },
  signal: AbortSignal,
): Promise<readonly Held[]> {
  const services = await listServices(kube, where.namespace, signal);
  const forsaken = new Map<
    string,
    { session: SharedSession; services: [Service, ServiceRecord][] }
  >();
  for (const service of services) {
    const record = tryRead(service);
    for (const session of record?.sessions ?? []) {
      if (where.pod !== undefined && session.pod !== where.pod) continue;
      const found = forsaken.get(session.id) ?? { session, services: [] };
      if (record) found.services.push([service, record]);
      forsaken.set(session.id, found);
    }
  }
  const held = await Promise.all(
    [...forsaken.values()].map(async ({ session, services: left }) => {
      const namespace = left[0]?.[0].metadata?.namespace ?? '';
      const name = session.pod;
      const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
      // Read after the Services: a session writes its Pod's record first, and takes it away last.
      const isHeld = pod?.metadata?.uid === session.podUid && hasRecord(pod);
      return isHeld ? [] : [heldOf(namespace, session, left)];
    }),
  );
  return held.flat();
}

/** Whoever may not see Services can bring Pods home all the same. */
async function listServices(
  kube: Kube,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<readonly Service[]> {
  try {
    return await kube.list<Service>('services', { namespace, signal });
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return [];
    throw error;
  }
}

/** One that cannot be read is the doctor's. */
function tryRead(service: Service): ServiceRecord | undefined {
  try {
    return readServiceRecord(service);
  } catch (error) {
    if (error instanceof PitstopError) return undefined;
    throw error;
  }
}

function heldOf(
  namespace: string,
  { id, by, startedAt, pod, podUid }: SharedSession,
  services: readonly [Service, ServiceRecord][],
): Held {
  const named = services.map(([{ metadata }, record]) => [metadata?.name ?? '', record] as const);
  return {
    pod: { metadata: { namespace, name: pod, uid: podUid } },
    record: {
      id,
      by,
      startedAt,
      renewedAt: startedAt,
      leaseSeconds,
      // Nobody works on a Pod that is gone, or carries no record: it is over at once.
      deadline: startedAt,
      route: 'selector',
      phase: 'out',
      labels: {},
      deletionCost: null,
      services: named.map(([name]) => name),
      selectors: Object.fromEntries(named.map(([name, { selector }]) => [name, selector])),
      ports: [],
      container: '',
      diagnostic: 'unknown',
    },
  };
}
