import type { SessionEvent } from './events.ts';
import type { Phase, Session, SessionStep, StepName } from './session.ts';

const phaseOf: Readonly<Record<StepName, Phase>> = {
  isolate: 'Isolating',
  drain: 'Draining',
  diagnose: 'Diagnosing',
  collect: 'Collecting',
  restore: 'Restoring',
};

/** The session document after one more event; the only way a document changes. */
export function reduce(session: Session, event: SessionEvent): Session {
  const { status } = session;
  const next = (change: Partial<Session['status']>): Session => ({
    ...session,
    status: { ...status, ...change },
  });
  const step = (name: StepName, change: Omit<SessionStep, 'name'>) =>
    status.steps.map((each) => (each.name === name ? { ...each, ...change } : each));

  switch (event.type) {
    case 'session-started':
      return event.session;
    case 'step-started':
      return next({
        phase: phaseOf[event.step],
        steps: step(event.step, { state: 'running', startedAt: event.at }),
      });
    case 'step-progress':
      return next({ steps: step(event.step, { state: 'running', message: event.message }) });
    case 'step-finished':
      return next({
        steps: step(event.step, { state: 'done', finishedAt: event.at, message: event.message }),
      });
    case 'step-skipped':
      return next({ steps: step(event.step, { state: 'skipped', message: event.message }) });
    case 'step-failed':
      return next({
        steps: step(event.step, { state: 'failed', finishedAt: event.at, message: event.message }),
      });
    case 'pod-out':
      return next({ podOut: true });
    case 'pod-back':
    case 'pod-gone':
      return next({ podOut: false });
    case 'isolation':
      return next({ isolation: event.isolation });
    case 'diagnostic':
      return next({ diagnostic: event.diagnostic });
    case 'artifact':
      return next({ artifact: event.artifact });
    case 'restoration':
      return next({ restoration: event.restoration });
    case 'warning':
      return next({ warnings: [...status.warnings, event.message] });
    case 'session-finished':
      return next({ phase: event.phase, ...(event.error && { error: event.error }) });
  }
}
