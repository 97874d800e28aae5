import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Event } from 'kubernetes-types/events/v1.js';
import { KubeError, type Kube } from '../../kube/index.ts';
import type { SessionEvent } from '../session/events.ts';
import type { Session } from '../session/session.ts';
import { describeEvent, type Notice } from './describe-event.ts';

/** events.k8s.io/v1 refuses a longer note. */
const maxNoteLength = 1024;
const requestTimeoutMs = 5_000;
const flushTimeoutMs = 2_000;

/**
 * Writes one session's events as Kubernetes Events (events.k8s.io/v1) on its Pod, and of route
 * `selector` on its Services too, in their order, behind the session's back: what cannot be written
 * is dropped and told once. Disposing waits for what is under way, 2 s at most.
 */
export class EventPublisher implements AsyncDisposable {
  readonly #kube: Kube;
  readonly #onProblem: (message: string) => void;
  readonly #stop = new AbortController();
  #session: Session | undefined;
  #services: readonly string[] = [];
  #last: Promise<void> = Promise.resolve();
  readonly #uids = new Map<string, string | undefined>();
  #failed = false;
  /** When the write that is under way began. */
  #writingSinceMs: number | undefined;

  constructor(kube: Kube, onProblem: (message: string) => void) {
    this.#kube = kube;
    this.#onProblem = onProblem;
  }

  readonly onEvent = (event: SessionEvent): void => {
    if (event.type === 'session-started') {
      this.#session = event.session;
      const { route, isolation } = event.session.status;
      const planned = event.plan.status.services.map(({ name }) => name);
      const services = planned.length > 0 ? planned : (isolation?.services ?? []);
      this.#services = route.name === 'selector' ? services : [];
    }
    const session = this.#session;
    const notice = describeEvent(event);
    if (!session || !notice) return;
    const about = [
      { kind: 'Pod', name: session.spec.pod, uid: session.spec.podUid },
      ...this.#services.map((name) => ({ kind: 'Service', name })),
    ];
    for (const regarding of about) {
      const object = eventOf(session, { ...notice, at: event.at, regarding });
      this.#last = this.#last.then(() => this.#write(object));
    }
  };

  async #write(event: Event): Promise<void> {
    if (this.#failed || this.#stop.signal.aborted) return;
    this.#writingSinceMs = performance.now();
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(requestTimeoutMs)]);
      await this.#kube.create<Event>('events', await this.#withUid(event, signal), { signal });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      // Without the permission every later one would be refused as well; a gap is no reason to stop.
      const refused = error instanceof KubeError && ['forbidden', 'not-found'].includes(error.code);
      if (!refused) return;
      this.#failed = true;
      this.#onProblem(`no Kubernetes Events are written: ${error.message}`);
    } finally {
      this.#writingSinceMs = undefined;
    }
  }

  /** `kubectl describe` asks for the Events of one uid; the plan knows Services by name only. */
  async #withUid(event: Event, signal: AbortSignal): Promise<Event> {
    const { kind, name = '', namespace } = event.regarding ?? {};
    if (kind !== 'Service') return event;
    if (!this.#uids.has(name)) {
      const reference = { resource: 'services', namespace, name } as const;
      const service = await this.#kube.get<Service>(reference, { signal });
      this.#uids.set(name, service?.metadata?.uid);
    }
    const uid = this.#uids.get(name);
    return uid === undefined ? event : { ...event, regarding: { ...event.regarding, uid } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const over = new AbortController();
    // An API that has kept a write waiting for that long already will not take it now.
    const waitedMs = performance.now() - (this.#writingSinceMs ?? performance.now());
    await Promise.race([
      this.#last,
      sleep(Math.max(0, flushTimeoutMs - waitedMs), undefined, { signal: over.signal }).catch(
        () => undefined,
      ),
    ]);
    over.abort();
    this.#stop.abort();
  }
}

function eventOf(
  { metadata, spec }: Session,
  {
    type,
    reason,
    action,
    note,
    at,
    regarding,
  }: Notice & {
    readonly at: string;
    readonly regarding: {
      readonly kind: string;
      readonly name: string;
      readonly uid?: string;
    };
  },
): Event {
  const { namespace } = metadata;
  const about = regarding.kind === 'Pod' ? '' : `pod ${spec.pod}: `;
  return {
    metadata: { name: `${regarding.name}.${randomBytes(8).toString('hex')}`, namespace },
    // MicroTime: RFC 3339 with six digits.
    eventTime: at.replace(/\.(\d{3})Z$/, '.$1000Z'),
    type,
    reason,
    action,
    note: cut(`${about}${note} (session ${metadata.name})`),
    reportingController: 'pitstop.dev/pitstop',
    reportingInstance: hostname().slice(0, 128),
    regarding: { apiVersion: 'v1', namespace, ...regarding },
  };
}

/** The limit is in bytes (Go's len of a string). */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= maxNoteLength) return note;
  return `${bytes
    .subarray(0, maxNoteLength - 8)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}
