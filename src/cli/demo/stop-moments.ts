import type { SessionEvent } from '../../engine/index.ts';
import type { StopMoments } from './traffic-report.ts';

/** Reads the moments that divide the traffic off the session's own events. */
export function reduceMoments(moments: StopMoments, event: SessionEvent): StopMoments {
  const atMs = Date.parse(event.at);
  switch (event.type) {
    case 'step-started':
      if (event.step === 'isolate') return { ...moments, isolateStartedMs: atMs };
      if (event.step === 'restore') return { ...moments, restoreStartedMs: atMs };
      return moments;
    case 'isolation': {
      const { provenAt } = event.isolation;
      return provenAt === undefined
        ? moments
        : { ...moments, isolationProvenMs: Date.parse(provenAt) };
    }
    case 'restoration': {
      const { provenAt } = event.restoration;
      return provenAt === undefined
        ? moments
        : { ...moments, restorationProvenMs: Date.parse(provenAt) };
    }
    case 'session-started':
    case 'step-progress':
    case 'step-finished':
    case 'step-skipped':
    case 'step-failed':
    case 'pod-out':
    case 'pod-back':
    case 'pod-gone':
    case 'diagnostic':
    case 'artifact':
    case 'warning':
    case 'session-finished':
      return moments;
  }
}
