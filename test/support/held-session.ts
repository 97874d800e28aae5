import { runSession, type Session, type SessionEvent } from '../../src/engine/index.ts';
import type { SessionRequest } from '../../src/engine/plan/request.ts';
import type { Kube } from '../../src/kube/index.ts';

export interface HeldSession {
  readonly events: readonly SessionEvent[];
  readonly done: Promise<Session>;
  readonly goOn: () => Promise<unknown>;
}

/** A session of a small app's Pod that is at work, its Pod out, until it is told to go on. */
export async function startHeldSession(
  kube: Kube,
  request: Pick<SessionRequest, 'namespace' | 'route'> & { readonly pod: string },
): Promise<HeldSession> {
  const { namespace, pod, route } = request;
  const events: SessionEvent[] = [];
  const working = Promise.withResolvers<void>();
  const done = runSession(
    kube,
    {
      target: pod,
      namespace,
      route,
      settleMs: 50,
      output: '-',
      command: ['sh', '-c', 'until [ -e /tmp/go-on ]; do sleep 0.1; done'],
    },
    {
      onEvent: (event) => {
        events.push(event);
        if (event.type === 'step-started' && event.step === 'diagnose') working.resolve();
      },
    },
  );
  await Promise.race([working.promise, done]);
  return {
    events,
    done,
    goOn: () =>
      kube.execText({ namespace, pod, container: 'web', command: ['touch', '/tmp/go-on'] }),
  };
}
