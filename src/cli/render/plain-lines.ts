import type { SessionEvent } from '../../engine/index.ts';
import { formatElapsed } from '../duration.ts';
import { describeTransfer } from './frame.ts';
import { servicesOf, type ProgressState } from './progress-state.ts';

/** In a log, progress of one step is worth a line every so often. */
const progressEveryMs = 5_000;

export interface PlainState {
  /** When the running step last got a line. */
  readonly lastLineMs: number;
}

export const plainStart: PlainState = { lastLineMs: 0 };

/**
 * What a log file or a CI job shows for one event: one line for each thing that happened.
 * `progress` is the state *after* the event.
 */
export function plainLines(
  state: PlainState,
  event: SessionEvent,
  progress: ProgressState,
): { readonly state: PlainState; readonly lines: readonly string[] } {
  const atMs = Date.parse(event.at);
  const say = (...lines: string[]) => ({ state: { lastLineMs: atMs }, lines });
  const nothing = { state, lines: [] };
  switch (event.type) {
    case 'session-started': {
      const { metadata, spec } = event.session;
      const services = servicesOf(event).join(', ') || 'none';
      return say(
        `pod ${metadata.namespace}/${spec.pod}: services ${services}, route ${spec.route}, diagnostic ${spec.diagnostic}`,
      );
    }
    case 'step-started':
      return say(`${event.step}: started`);
    case 'step-progress': {
      if (atMs - state.lastLineMs < progressEveryMs) return nothing;
      const { bytes } = progress;
      const moves = bytes?.step === event.step && bytes.doneBytes > 0;
      const detail = moves ? ` ${describeTransfer(bytes)}` : '';
      return say(`${event.step}: ${event.message}${detail}`);
    }
    case 'step-finished':
      return say(`${event.step}: done in ${elapsed(progress, event)}: ${event.message}`);
    case 'step-skipped':
      return say(`${event.step}: skipped: ${event.message}`);
    case 'step-failed':
      return say(`${event.step}: failed: ${event.message}`);
    case 'warning':
      return say(`warning: ${event.message}`);
    case 'pod-out':
      return say('the Pod is out of traffic from now on');
    case 'pod-back':
      return say('the Pod is on its way back');
    case 'pod-gone':
      return say('the Pod exists no more');
    case 'session-finished':
      return say(`session ${event.phase.toLowerCase()}`);
    case 'isolation':
    case 'diagnostic':
    case 'artifact':
    case 'restoration':
      return nothing;
  }
}

function elapsed(
  { session }: ProgressState,
  event: Extract<SessionEvent, { type: 'step-finished' }>,
): string {
  const startedAt = session?.status.steps.find(({ name }) => name === event.step)?.startedAt;
  return formatElapsed(startedAt ? Date.parse(event.at) - Date.parse(startedAt) : 0);
}
