export type { FindingsTable } from './artifact/findings.ts';
export { inspectFile, inspectStream, type Inspection } from './artifact/inspect.ts';
export { collectFile, type CollectRequest } from './collect-file.ts';
export { surveyDiagnostics, type Survey, type SurveyedDiagnostic } from './survey-diagnostics.ts';
export { planRole } from './access/plan-role.ts';
export { createPlan } from './create-plan.ts';
export { decide } from './plan/decide.ts';
export { entryObject, type PlanEntry } from './plan/entries.ts';
export { catalogue as diagnostics, type CustomDiagnostic } from './diagnostics/index.ts';
export { readDiagnosticsFile } from './diagnostics/custom/read-file.ts';
export { errorCodes, PitstopError, type ErrorCode } from './errors.ts';
export type { Emit, SessionEvent } from './session/events.ts';
export type { AskOnDrainTimeout, DrainAnswer, DrainTimeout } from './steps/drain.ts';
export { planFleet, type FleetPlan } from './fleet/plan-fleet.ts';
export { runFleet, type FleetResult } from './fleet/run-fleet.ts';
export { EventPublisher } from './kubernetes-events/event-publisher.ts';
export { isolatePod } from './isolate-pod.ts';
export {
  interlockCatalogue,
  interlockNames,
  overridableInterlocks,
  type InterlockName,
} from './plan/interlocks/catalogue.ts';
export { type Interlock, type Plan, type PlanService, type RouteName } from './plan/plan.ts';
export type {
  EndpointsSeen,
  Preparation,
  PreparationStep,
  PrepareRequest,
} from './preparation/preparation.ts';
export { applyPreparation, checkPreparation, planPreparation } from './prepare-workload.ts';
export { readStatus } from './status/read-status.ts';
export type * from './status/report.ts';
export { reduce } from './session/reduce.ts';
export { defaults, type MinReady, type SessionRequest } from './plan/request.ts';
export { restorePods, type RestoreRequest } from './restore-pods.ts';
export { runSession, type SessionOptions } from './run-session.ts';
export type * from './session/session.ts';
export { stepNames } from './session/session.ts';
export type { Snapshot } from './plan/snapshot.ts';
export { watchStatus } from './status/watch-status.ts';
export { formatCount, formatSize, plural } from './words.ts';
export { describeCost } from './doctor/cost.ts';
export { findingNames, type Finding, type RepairWrite } from './doctor/finding.ts';
export { printableRole } from './doctor/read-rights.ts';
export type { RepairResult } from './doctor/repair.ts';
export { runDoctor, type DoctorOptions, type DoctorReport } from './doctor/run-doctor.ts';
export { connect, KubeError, type ConnectOptions, type Kube } from '../kube/index.ts';
