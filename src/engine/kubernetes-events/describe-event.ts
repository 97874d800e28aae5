import type { SessionEvent } from '../session/events.ts';
import type { StepName } from '../session/session.ts';
import type { EventReason } from './reasons.ts';

/** One Kubernetes Event to be written, as far as it depends on what happened. */
export interface Notice {
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  /** What was being done, in one word (events.k8s.io/v1 demands it). */
  readonly action: string;
  readonly note: string;
}

const done: Readonly<Record<StepName, EventReason>> = {
  isolate: 'PitstopIsolated',
  drain: 'PitstopDrained',
  diagnose: 'PitstopDiagnosed',
  collect: 'PitstopCollected',
  restore: 'PitstopRestored',
};

const actions: Readonly<Record<StepName, string>> = {
  isolate: 'Isolate',
  drain: 'Drain',
  diagnose: 'Diagnose',
  collect: 'Collect',
  restore: 'Restore',
};

/** What one event of a session is on the Pod; most (progress, results) are nothing there. */
export function describeEvent(event: SessionEvent): Notice | undefined {
  switch (event.type) {
    case 'session-started': {
      const { route, diagnostic } = event.session.spec;
      return normal(
        'PitstopStarted',
        'Plan',
        event.session.status.podOut
          ? `restoring, as recorded: route ${route}`
          : `route ${route}, diagnostic ${diagnostic}`,
      );
    }
    case 'pod-out':
      return normal('PitstopPodOut', 'Isolate', 'written: the Pod leaves its Services');
    case 'step-finished':
      return normal(done[event.step], actions[event.step], event.message);
    case 'step-failed':
      return warning('PitstopStepFailed', actions[event.step], `${event.step}: ${event.message}`);
    case 'warning':
      return warning('PitstopWarning', 'Observe', event.message);
    case 'session-finished': {
      const note = event.error?.message ?? '';
      if (event.phase === 'Failed') return warning('PitstopFailed', 'Finish', note);
      if (event.phase === 'Interrupted') return warning('PitstopInterrupted', 'Finish', note);
      return normal(
        'PitstopFinished',
        'Finish',
        event.phase === 'Isolated' ? 'the Pod stays out until it is restored' : 'the Pod is back',
      );
    }
    case 'step-started':
    case 'step-progress':
    case 'step-skipped':
    case 'pod-back':
    case 'pod-gone':
    case 'isolation':
    case 'diagnostic':
    case 'artifact':
    case 'restoration':
      return undefined;
  }
}

function normal(reason: EventReason, action: string, note: string): Notice {
  return { type: 'Normal', reason, action, note };
}

function warning(reason: EventReason, action: string, note: string): Notice {
  return { type: 'Warning', reason, action, note };
}
