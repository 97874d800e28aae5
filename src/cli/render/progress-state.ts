import {
  reduce,
  type Plan,
  type Session,
  type SessionEvent,
  type StepName,
} from '../../engine/index.ts';

/** What a progress display knows: the session so far, and how far the running step is. */
export interface ProgressState {
  readonly session: Session | undefined;
  readonly plan: Plan | undefined;
  readonly bytes: Transfer | undefined;
}

export interface Transfer {
  readonly step: StepName;
  readonly doneBytes: number;
  readonly totalBytes?: number;
  /** Mean since the step's first byte count; undefined before there are two of them. */
  readonly bytesPerSecond?: number;
  readonly since: { readonly atMs: number; readonly doneBytes: number };
}

/** The Services that the Pod is taken out of, or, of a restore, that its record names. */
export function servicesOf({
  plan,
  session,
}: Pick<ProgressState, 'plan' | 'session'>): readonly string[] {
  const planned = plan?.status.services.map(({ name }) => name) ?? [];
  return planned.length > 0 ? planned : (session?.status.isolation?.services ?? []);
}

export const noProgress: ProgressState = { session: undefined, plan: undefined, bytes: undefined };

/** The display's state after one more event of the session. */
export function reduceProgress(state: ProgressState, event: SessionEvent): ProgressState {
  if (event.type === 'session-started') {
    return { session: event.session, plan: event.plan, bytes: undefined };
  }
  const session = state.session && reduce(state.session, event);
  if (event.type === 'step-started') return { ...state, session, bytes: undefined };
  if (event.type === 'step-progress') {
    return { ...state, session, bytes: transfer(state.bytes, event) };
  }
  return { ...state, session };
}

function transfer(
  before: Transfer | undefined,
  event: Extract<SessionEvent, { type: 'step-progress' }>,
): Transfer | undefined {
  const { step, doneBytes, totalBytes } = event;
  if (doneBytes === undefined) return before;
  const atMs = Date.parse(event.at);
  const since = before?.step === step ? before.since : { atMs, doneBytes };
  const seconds = (atMs - since.atMs) / 1000;
  return {
    step,
    doneBytes,
    since,
    ...(totalBytes !== undefined && { totalBytes }),
    ...(seconds > 0 && { bytesPerSecond: (doneBytes - since.doneBytes) / seconds }),
  };
}
