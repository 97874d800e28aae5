export { createPlan } from './create-plan.ts';
export { decide } from './decide.ts';
export { catalogue as diagnostics } from './diagnostics/index.ts';
export { errorCodes, PitstopError, type ErrorCode } from './errors.ts';
export type { Emit, SessionEvent } from './events.ts';
export { isolatePod } from './isolate-pod.ts';
export {
  interlockNames,
  type Interlock,
  type InterlockName,
  type Plan,
  type PlanService,
} from './plan.ts';
export { readStatus, type HeldPod, type ServiceStatus, type StatusReport } from './read-status.ts';
export { reduce } from './reduce.ts';
export { defaults, type SessionRequest } from './request.ts';
export { restorePods, type RestoreRequest } from './restore-pods.ts';
export { runSession, type SessionOptions } from './run-session.ts';
export type * from './session.ts';
export { stepNames } from './session.ts';
export type { Snapshot } from './snapshot.ts';
