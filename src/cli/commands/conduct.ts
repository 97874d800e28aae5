import type { Kube } from '../../kube/index.ts';
import {
  EventPublisher,
  type AskOnDrainTimeout,
  type Emit,
  type Session,
  type SessionEvent,
} from '../../engine/index.ts';
import { connectWith, restoreCommand } from '../connection.ts';
import { drainQuestion } from '../drain-question.ts';
import type { CommonFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { openProgress } from '../render/progress.ts';

/** Whom a session tells, and asks. */
export interface SessionListeners {
  readonly onEvent: Emit;
  readonly onPreparing: (message: string) => void;
  readonly onDrainTimeout: AskOnDrainTimeout | undefined;
}

/**
 * Connects, runs the work with its progress on stderr, and keeps `io.recovery` right all the while:
 * from the isolating write until the session is over and the Pod back.
 */
export async function conduct<T>(
  io: Io,
  flags: CommonFlags,
  work: (kube: Kube, listeners: SessionListeners) => Promise<T>,
): Promise<T> {
  await using kube = await connectWith(flags);
  await using progress = await openProgress(io, { mode: flags.progress });
  await using published = new EventPublisher(kube, (message) =>
    progress.say(`warning: ${message}`),
  );
  const recovery = trackRecovery(io, flags);
  const onEvent: Emit = (event) => {
    recovery(event);
    progress.onEvent(event);
    published.onEvent(event);
  };
  return await work(kube, {
    onEvent,
    onPreparing: (message) => progress.say(message),
    onDrainTimeout: drainQuestion(io, progress),
  });
}

/** Listens for the moments between which leaving at once would leave a Pod out. */
export function trackRecovery(io: Pick<Io, 'recovery'>, flags: CommonFlags): Emit {
  let session: Session | undefined;
  return (event: SessionEvent) => {
    if (event.type === 'session-started') {
      ({ session } = event);
      if (session.status.podOut) io.recovery = commandFor(flags, session);
    } else if (event.type === 'pod-out' && session) {
      io.recovery = commandFor(flags, session);
    } else if (event.type === 'session-finished') {
      io.recovery = undefined;
    }
  };
}

function commandFor(flags: CommonFlags, { metadata, spec }: Session): string {
  return restoreCommand(flags, { namespace: metadata.namespace, pod: spec.pod });
}
