import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError } from '../kube/index.ts';
import type { ChosenDiagnostic } from './diagnostics/choose-diagnostic.ts';
import type { Target } from './container/target.ts';
import type { Preflight } from './diagnostics/preflight.ts';
import { roomiest } from './container/rooms.ts';
import { withFindings } from './plan/interlocks/finding.ts';
import { livenessBudgetOf } from './plan/interlocks/liveness-budget.ts';
import { findPreflightInterlocks } from './plan/interlocks/preflight.ts';
import type { Plan, PlanEstimate } from './plan/plan.ts';
import type { SessionRequest } from './plan/request.ts';

/**
 * The plan with what the chosen diagnostic may need at worst, and the interlocks that follow from it.
 * Looks into the container, and touches nothing there.
 */
export async function checkPreflight(
  plan: Plan,
  {
    target,
    pod,
    chosen,
    request,
    signal,
  }: {
    readonly target: Target;
    readonly pod: Pod;
    readonly chosen: ChosenDiagnostic;
    readonly request: SessionRequest;
    readonly signal: AbortSignal;
  },
): Promise<Plan> {
  const { diagnostic, detection, given } = chosen;
  const context = {
    target,
    signal,
    timeoutMs: chosen.timeoutMs,
    onProgress: () => undefined,
    ...given,
  };
  let preflight: Preflight | undefined;
  try {
    preflight = await diagnostic.preflight?.(context, detection);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeError)) throw error;
    const warning = `what ${diagnostic.name} may need could not be estimated, so no interlock speaks for it: ${error.message}`;
    return withFindings(plan, { findings: [], warnings: [warning] });
  }
  if (!preflight) return plan;
  const { overrides } = request;
  const findings = findPreflightInterlocks(pod, target, preflight);
  const checked = withFindings(plan, { findings, overrides });
  if (preflight.pauseMs === undefined && preflight.sizeBytes === undefined) return checked;
  const estimate = toEstimate(preflight, pod, target.container);
  return { ...checked, status: { ...checked.status, estimate } };
}

/** The figures as a plan and a survey show them. */
export function toEstimate(preflight: Preflight, pod: Pod, container: string): PlanEstimate {
  const { pauseMs, sizeBytes, memoryBytes, basis, rooms } = preflight;
  const room = roomiest(rooms, sizeBytes) ?? roomiest(rooms);
  const budget = livenessBudgetOf(pod, container);
  return {
    basis,
    ...(pauseMs !== undefined && { pauseMs }),
    ...(budget && { livenessBudgetMs: budget.earliestMs }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(room && { directory: room.path }),
    ...(room?.freeBytes !== undefined && { freeBytes: room.freeBytes }),
    ...(memoryBytes !== undefined && { memoryBytes }),
  };
}

/** Whether somebody who overrides the interlocks about room wants the roomiest place, be it too small. */
export function acceptsAnyRoom({ overrides = [] }: SessionRequest): boolean {
  return overrides.some((name) => ['disk', 'ephemeral-storage', 'memory'].includes(name));
}
