import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../../../kube/index.ts';
import { recordAnnotation } from '../../annotations.ts';
import { matchesMap } from '../../plan/labels.ts';
import type { UndoRecord } from '../../session/record.ts';
import {
  encodeServiceRecord,
  readServiceRecord,
  type ServiceRecord,
} from '../../session/service-record.ts';
import type { SharedSession } from '../../session/shared-session.ts';
import { insist, isPassing } from '../../steps/insist.ts';
import type { Stop } from '../../steps/stop.ts';
import { hasSelector } from './next-writes.ts';

const timeoutMs = 15_000;

/**
 * Saves the selector on the Service and removes it, in one patch; where another session has done that
 * already, joins it. A Service that is gone, or does not select the Pod any more, is left as it is.
 * Resolves with whether the session is on the Service now.
 */
export async function takeSelector(
  { kube, namespace, signal }: Stop,
  name: string,
  { pod, record }: { readonly pod: Pod; readonly record: UndoRecord },
): Promise<boolean> {
  return await insist(
    // Not aborted half-way: what was written has to be known.
    { signal: new AbortController().signal, timeoutMs },
    async () => {
      const service = await kube.get<Service>({ resource: 'services', namespace, name });
      if (service && isOn(service, record)) return true;
      const wanted = service && withSession(service, pod, record);
      if (!wanted) return false;
      signal.throwIfAborted();
      const { uid, resourceVersion } = service.metadata ?? {};
      await kube.patch(
        { resource: 'services', namespace, name },
        selectorPatch(wanted, { uid, resourceVersion }),
        { type: 'merge' },
      );
      return true;
    },
    (error) =>
      isPassing(error) ||
      (error instanceof KubeError && ['conflict', 'not-found'].includes(error.code)),
  );
}

export function selectorPatch(record: ServiceRecord, preconditions: object = {}): object {
  return {
    metadata: {
      ...preconditions,
      annotations: { [recordAnnotation]: encodeServiceRecord(record) },
    },
    spec: { selector: null },
  };
}

/** The record as it is to be; undefined when there is nothing to write. */
function withSession(service: Service, pod: Pod, record: UndoRecord): ServiceRecord | undefined {
  const before = readServiceRecord(service);
  const selector = hasSelector(service) ? service.spec?.selector : before?.selector;
  if (!selector || !matchesMap(selector, pod.metadata?.labels ?? {})) return undefined;
  const sessions = before?.sessions ?? [];
  const others = sessions.filter(({ id }) => id !== record.id);
  return { selector, sessions: [...others, sessionOf(pod, record)] };
}

function isOn(service: Service, { id }: UndoRecord): boolean {
  const sessions = readServiceRecord(service)?.sessions ?? [];
  return !hasSelector(service) && sessions.some((session) => session.id === id);
}

export function sessionOf({ metadata }: Pod, { id, by, startedAt }: UndoRecord): SharedSession {
  return { id, pod: metadata?.name ?? '', podUid: metadata?.uid ?? '', by, startedAt };
}
