import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { isDeepStrictEqual } from 'node:util';
import { KubeError, type Kube } from '../../../kube/index.ts';
import { recordAnnotation } from '../../annotations.ts';
import { PitstopError } from '../../errors.ts';
import {
  encodeServiceRecord,
  readServiceRecord,
  type ServiceRecord,
} from '../../session/service-record.ts';
import type { SharedSession } from '../../session/shared-session.ts';
import { insist, isPassing } from '../../steps/insist.ts';
import { hasSelector, isNothing, nextWrites } from './next-writes.ts';
import { readPicture, type ServiceKey } from './picture.ts';
import { sendWrites } from './send-writes.ts';
import { Zones } from './zones.ts';

type Selector = Readonly<Record<string, string>>;

interface PuttingBack {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly onWarning: (message: string) => void;
  /** Of the sessions on the Service, the one that ends. */
  readonly ends: (session: SharedSession) => boolean;
  /** The selector as the Pod's own record has it: for a Service whose record somebody has removed. */
  readonly selector?: Selector | undefined;
}

/**
 * Ends a session's part in a Service. The last one puts the selector back, and the controllers take
 * over; before that, the Pod is put back among those that the other sessions leave listed. Every
 * write leaves what this same function goes on from, by whoever calls it. Resolves with the Service
 * that its controllers have again, in which `leaveNothing` is still to be done.
 */
export async function putBack(
  kube: Kube,
  key: ServiceKey,
  options: PuttingBack,
): Promise<Service | undefined> {
  const { signal, timeoutMs, onWarning } = options;
  const service = await insist(
    { signal, timeoutMs },
    () => endPart(kube, key, options),
    isToBeReadAgain,
  );
  if (!service) {
    onWarning(`service/${key.name} was deleted during the session: nothing to put back there`);
    return undefined;
  }
  if (hasSelector(service)) return service;
  if (readServiceRecord(service)) {
    await insist({ signal, timeoutMs }, () => listOnce(kube, key, service, signal));
  }
  return undefined;
}

function isToBeReadAgain(error: unknown): boolean {
  return (
    isPassing(error) ||
    (error instanceof KubeError && ['conflict', 'not-found'].includes(error.code))
  );
}

/** The Service as it reads afterwards. */
async function endPart(
  kube: Kube,
  { namespace, name }: ServiceKey,
  options: PuttingBack,
): Promise<Service | undefined> {
  const { signal, ends, onWarning } = options;
  const service = await kube.get<Service>({ resource: 'services', namespace, name }, { signal });
  if (!service) return undefined;
  const record = readUnlessNeedless(service, options) ?? lostRecord(service, options);
  if (!record) return service;
  const sessions = await stillOut(
    kube,
    namespace,
    record.sessions.filter((session) => !ends(session)),
    signal,
  );
  if (isDeepStrictEqual(sessions, record.sessions) && sessions.length > 0) return service;
  signal.throwIfAborted();
  const { uid, resourceVersion } = service.metadata ?? {};
  const isLast = sessions.length === 0;
  if (
    isLast &&
    hasSelector(service) &&
    !isDeepStrictEqual(service.spec?.selector, record.selector)
  ) {
    onWarning(
      `service/${name} has been given another selector during the session; it stays: ${JSON.stringify(service.spec?.selector)}`,
    );
  }
  return await kube.patch<Service>(
    { resource: 'services', namespace, name },
    {
      metadata: {
        uid,
        resourceVersion,
        annotations: {
          [recordAnnotation]: isLast ? null : encodeServiceRecord({ ...record, sessions }),
        },
      },
      ...(isLast && !hasSelector(service) && { spec: { selector: record.selector } }),
    },
    { type: 'merge' },
  );
}

/** A record that cannot be read is in nobody's way where the selector is back. */
function readUnlessNeedless(
  service: Service,
  { onWarning }: PuttingBack,
): ServiceRecord | undefined {
  try {
    return readServiceRecord(service);
  } catch (error) {
    if (!(error instanceof PitstopError) || !hasSelector(service)) throw error;
    onWarning(`${error.message}; its selector is there, so it stays as it is`);
    return undefined;
  }
}

function lostRecord(
  service: Service,
  { selector, onWarning }: PuttingBack,
): ServiceRecord | undefined {
  if (!selector || hasSelector(service)) return undefined;
  onWarning(
    `service/${service.metadata?.name} has lost its undo record; its selector is put back as the Pod's record has it`,
  );
  return { selector, sessions: [] };
}

/** A Pod that is gone stays out for ever: its session, wherever it ended, keeps no selector away. */
async function stillOut(
  kube: Kube,
  namespace: string,
  sessions: readonly SharedSession[],
  signal: AbortSignal,
): Promise<SharedSession[]> {
  const found = await Promise.all(
    sessions.map(async (session) => {
      const name = session.pod;
      const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
      return pod?.metadata?.uid === session.podUid ? [session] : [];
    }),
  );
  return found.flat();
}

/** The other sessions may have no process to stand in for the controllers: this is their turn, once. */
async function listOnce(
  kube: Kube,
  key: ServiceKey,
  service: Service,
  signal: AbortSignal,
): Promise<void> {
  const zones = new Zones(kube);
  const selector = readServiceRecord(service)?.selector ?? {};
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const picture = await readPicture(kube, key, { selector, signal });
    const writes = nextWrites(picture, await zones.of(picture.pods, picture.slices));
    if (!writes || isNothing(writes)) return;
    await sendWrites(kube, writes);
  }
}
