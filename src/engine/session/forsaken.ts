import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { KubeError, type Kube, type ResourceName } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { sliceService } from '../plan/traffic.ts';
import { readEntryRecord } from './entry-record.ts';
import type { Held } from './expiry.ts';
import { hasRecord, type UndoRecord } from './record.ts';
import { leaseSeconds } from './session-lease.ts';
import { readServiceRecord } from './service-record.ts';
import type { SharedSession } from './shared-session.ts';

/** A session whose Pod does not tell of it, and what does. */
interface Forsaken {
  readonly namespace: string;
  readonly session: SharedSession;
  /** Route `selector`: by Service, the selector that is saved on it. */
  readonly selectors: Record<string, Readonly<Record<string, string>>>;
  /** Slices and Endpoints that it took an entry out of. */
  readonly entries: NonNullable<UndoRecord['entries']>[number][];
}

/**
 * Sessions whose Pod is no more, or carries no record of them: what they left on Services, slices and
 * Endpoints is all that tells of them. Each comes as the Pod was called, with the record it had.
 */
export async function findForsaken(
  kube: Kube,
  where: { readonly namespace?: string | undefined; readonly pod?: string | undefined },
  signal: AbortSignal,
): Promise<readonly Held[]> {
  const told = await gather(kube, where, signal);
  const held = await Promise.all(
    told.map(async (each) => {
      const { namespace, session } = each;
      const pod = await kube.get<Pod>(
        { resource: 'pods', namespace, name: session.pod },
        { signal },
      );
      // Read last: a session writes its Pod's record first, and takes it away last.
      const isHeld = pod?.metadata?.uid === session.podUid && hasRecord(pod);
      return isHeld ? [] : [heldOf(each)];
    }),
  );
  return held.flat();
}

async function gather(
  kube: Kube,
  where: { readonly namespace?: string | undefined; readonly pod?: string | undefined },
  signal: AbortSignal,
): Promise<readonly Forsaken[]> {
  const options = { namespace: where.namespace, signal };
  const [services, slices, endpoints] = await Promise.all([
    listIfAllowed<Service>(kube, 'services', options),
    listIfAllowed<EndpointSlice>(kube, 'endpointslices', options),
    listIfAllowed<Endpoints>(kube, 'endpoints', options),
  ]);
  const found = new Map<string, Forsaken>();
  const noted = (namespace: string, session: SharedSession): Forsaken | undefined => {
    if (where.pod !== undefined && session.pod !== where.pod) return undefined;
    const key = `${namespace}/${session.id}`;
    const known = found.get(key) ?? { namespace, session, selectors: {}, entries: [] };
    found.set(key, known);
    return known;
  };
  for (const service of services) {
    const { namespace = '', name = '' } = service.metadata ?? {};
    const record = readable(() => readServiceRecord(service));
    for (const session of record?.sessions ?? []) {
      const forsaken = noted(namespace, session);
      if (record && forsaken) forsaken.selectors[name] = record.selector;
    }
  }
  const edited = [
    ...slices.map((object) => ({
      object,
      resource: 'endpointslices' as const,
      service: sliceService(object),
    })),
    ...endpoints.map((object) => ({
      object,
      resource: 'endpoints' as const,
      service: object.metadata?.name ?? '',
    })),
  ];
  for (const { object, resource, service } of edited) {
    const { namespace = '', name = '' } = object.metadata ?? {};
    const record = readable(() => readEntryRecord(object));
    for (const session of record?.sessions ?? []) {
      noted(namespace, session)?.entries.push({ resource, name, service });
    }
  }
  return [...found.values()];
}

/** Whoever may not see them can bring Pods home all the same. */
async function listIfAllowed<T>(
  kube: Kube,
  resource: ResourceName,
  options: { readonly namespace: string | undefined; readonly signal: AbortSignal },
): Promise<readonly T[]> {
  try {
    return await kube.list<T>(resource, options);
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return [];
    throw error;
  }
}

/** One that cannot be read is the doctor's. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PitstopError) return undefined;
    throw error;
  }
}

function heldOf({ namespace, session, selectors, entries }: Forsaken): Held {
  const { id, by, startedAt, pod, podUid } = session;
  const services = Object.keys(selectors);
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
      // What became of its labels nobody can know any more.
      route: services.length > 0 ? 'selector' : 'none',
      phase: 'out',
      labels: {},
      deletionCost: null,
      services,
      selectors,
      entries,
      ports: [],
      container: '',
      diagnostic: 'unknown',
    },
  };
}
