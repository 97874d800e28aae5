import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { recordAnnotation } from '../../annotations.ts';
import { PitstopError } from '../../errors.ts';
import { encodeRecord, hasRecord, type UndoRecord } from '../../session/record.ts';
import { readServiceRecord } from '../../session/service-record.ts';
import type { Stop } from '../../steps/stop.ts';
import { podReference } from '../pod-reference.ts';
import type { Home, Leaving, Returning, Route, Write } from '../route.ts';
import { writeHome } from '../write-home.ts';
import { writeOut } from '../write-out.ts';
import { leaveNothing } from './leave-nothing.ts';
import { hasSelector } from './next-writes.ts';
import { putBack } from './put-back.ts';
import { selectorIsBack } from './selector-is-back.ts';
import { StandIn } from './stand-in.ts';
import { selectorPatch, sessionOf, takeSelector } from './take-selector.ts';

const timeoutMs = 15_000;

/**
 * The hand-made way, done right: each Service's selector is saved on it and removed, all that lists
 * the Pod for it is rid of it, and the session stands in for the endpoints controllers meanwhile.
 */
export const selector: Route = {
  writes: (leaving) => [podWrite(leaving), ...serviceWrites(leaving)],
  isolate,
  // Nothing of the Pod itself was changed; `watch` looks at the Services.
  undone: () => undefined,
  watch,
  abandon,
  restore,
};

type Decided = Pick<Leaving, 'pod' | 'plan' | 'record'>;

/** The record alone: from here on `restore` knows of the Services, touched already or not. */
function podWrite({ pod, record }: Decided): Write {
  const { uid, resourceVersion } = pod.metadata ?? {};
  return {
    reference: podReference(pod),
    type: 'merge',
    patch: {
      metadata: {
        uid,
        resourceVersion,
        annotations: { [recordAnnotation]: encodeRecord(record) },
      },
    },
  };
}

function serviceWrites({ pod, record }: Decided): readonly Write[] {
  const { namespace } = pod.metadata ?? {};
  return Object.entries(record.selectors ?? {}).map(([name, before]) => ({
    reference: { resource: 'services', namespace, name },
    type: 'merge',
    patch: selectorPatch({ selector: before, sessions: [sessionOf(pod, record)] }),
  }));
}

async function isolate(stop: Stop, leaving: Leaving, held: AsyncDisposableStack): Promise<void> {
  const { kube, namespace, signal } = stop;
  const { pod, record, onWarning } = leaving;
  const selectors = Object.entries(record.selectors ?? {});
  await writeOut(stop, leaving, podWrite(leaving));
  const standIns = selectors.map(([name, before]) => {
    const options = { selector: before, sessionId: record.id, onWarning };
    return [name, held.use(new StandIn(kube, { namespace, name }, options))] as const;
  });
  // They watch before anything is frozen: a sibling's end must not find nobody there.
  const wait = { signal, timeoutMs };
  await Promise.all(standIns.map(([, standIn]) => standIn.untilWatching(wait)));
  const taken: StandIn[] = [];
  for (const [name, standIn] of standIns) {
    if (await takeSelector(stop, name, leaving)) taken.push(standIn);
  }
  await Promise.all(taken.map((standIn) => standIn.untilWithout(pod, wait)));
  if (record.deadline) onWarning(frozen(record, record.deadline));
}

/** Only a session that leaves the Pod out, with nobody to stand in, has a deadline. */
function frozen({ selectors }: UndoRecord, deadline: string): string {
  const services = Object.keys(selectors ?? {}).map((name) => `service/${name}`);
  return (
    `${services.join(', ')} ${services.length === 1 ? 'is' : 'are'} frozen until the Pod is restored (by ${deadline} at the latest): ` +
    'nobody stands in for the controllers now, so new Pods get no traffic, and those that end still do'
  );
}

/** Reports when a Service has its selector again, or is another one of that name. */
async function watch(
  { kube, namespace, signal }: Stop,
  record: UndoRecord,
  report: (error: PitstopError) => void,
): Promise<void> {
  const names = new Set(Object.keys(record.selectors ?? {}));
  const uids = new Map<string, string | undefined>();
  for await (const event of kube.watch<Service>('services', { namespace, signal })) {
    if (event.type === 'SYNCED' || event.type === 'DELETED') continue;
    const { name = '', uid } = event.object.metadata ?? {};
    if (!names.has(name)) continue;
    const key = { namespace, name };
    if (!uids.has(name)) uids.set(name, uid);
    if (uids.get(name) !== uid) report(createdAnew(key));
    else if (hasSelector(event.object)) report(selectorIsBack(key));
    else if (!readServiceRecord(event.object)?.sessions.some(({ id }) => id === record.id)) {
      report(lostRecord(key));
    }
  }
}

function createdAnew({ namespace, name }: { namespace: string; name: string }): PitstopError {
  return new PitstopError(
    'drift',
    `service ${namespace}/${name} was deleted and created anew: it may send traffic to the Pod`,
    { hint: `kubectl get endpointslices -n ${namespace} -l kubernetes.io/service-name=${name}` },
  );
}

function lostRecord({ namespace, name }: { namespace: string; name: string }): PitstopError {
  return new PitstopError(
    'drift',
    `service ${namespace}/${name}: somebody else removed the session's undo record; nobody stands in for its controllers any more`,
    { hint: `kubectl get service ${name} -n ${namespace} -o yaml --show-managed-fields` },
  );
}

type PuttingBack = Pick<Returning, 'timeoutMs' | 'onProgress' | 'onWarning'>;

/** The Services first: as long as one of them is not put right, the Pod's record says so. */
async function restore(
  stop: Stop,
  pod: Pod,
  record: UndoRecord,
  returning: Returning,
): Promise<Home> {
  await putServicesBack(stop, record, pod.metadata?.uid, returning);
  const home = await writeHome(stop, pod, {
    record,
    timeoutMs: returning.timeoutMs,
    isDone: (now) => !hasRecord(now),
    change: { annotations: { [recordAnnotation]: null } },
  });
  return { pod: home };
}

/** The Pod is gone; its Services are still there, frozen. */
async function abandon(
  stop: Stop,
  record: UndoRecord,
  podUid: string,
  options: PuttingBack,
): Promise<void> {
  await putServicesBack(stop, record, podUid, { ...options, onBack: () => undefined });
}

async function putServicesBack(
  { kube, namespace, signal }: Stop,
  record: UndoRecord,
  podUid: string | undefined,
  returning: PuttingBack & Pick<Returning, 'onBack'>,
): Promise<void> {
  const { timeoutMs, onProgress, onWarning, onBack } = returning;
  const options = { signal, timeoutMs, onWarning };
  const back: Service[] = [];
  for (const name of record.services) {
    onProgress(`giving service/${name} back to its controllers`);
    const service = await putBack(
      kube,
      { namespace, name },
      {
        ...options,
        ends: (session) => session.id === record.id || session.podUid === podUid,
        selector: record.selectors?.[name],
      },
    );
    if (service) back.push(service);
  }
  onBack();
  await Promise.all(back.map((service) => leaveNothing(kube, service, options)));
}
