import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.js';

import { nameOf, none, type PrintContext } from './cells.ts';
import { since } from './human-duration.ts';

/** NAME READY STATUS RESTARTS AGE, and IP NODE NOMINATED NODE READINESS GATES. */
export function podCells(pod: Pod, { now, age }: PrintContext): unknown[] {
  const { ready, total, reason, restarts, lastRestart } = summary(pod);
  const restartText =
    restarts > 0 && lastRestart ? `${restarts} (${since(lastRestart, now)} ago)` : `${restarts}`;
  const { spec, status } = pod;
  return [
    nameOf(pod),
    `${ready}/${total}`,
    reason,
    restartText,
    age,
    status?.podIP || none,
    spec?.nodeName || none,
    status?.nominatedNodeName || none,
    readinessGates(pod),
  ];
}

interface Summary {
  ready: number;
  total: number;
  reason: string;
  restarts: number;
  lastRestart: string;
}

function summary(pod: Pod): Summary {
  const { spec, status = {}, metadata } = pod;
  const phase = status.phase ?? '';
  const sidecars = new Set(
    (spec?.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  );
  const result: Summary = {
    ready: 0,
    total: (spec?.containers ?? []).length + sidecars.size,
    reason: isGated(pod) ? 'SchedulingGated' : status.reason || phase,
    restarts: 0,
    lastRestart: '',
  };
  const initializing = countInitContainers(pod, sidecars, result);
  if (initializing !== undefined) result.reason = initializing;
  if (initializing === undefined || hasCondition(pod, 'Initialized')) {
    keepSidecarRestarts(pod, sidecars, result);
    countContainers(pod, result);
  }

  if (metadata?.deletionTimestamp) {
    if (status.reason === 'NodeLost') result.reason = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') result.reason = 'Terminating';
  }
  return result;
}

/** What the first init container that is not through shows; `undefined` when all are. */
function countInitContainers(
  pod: Pod,
  sidecars: ReadonlySet<string>,
  result: Summary,
): string | undefined {
  const statuses = pod.status?.initContainerStatuses ?? [];
  for (const [index, container] of statuses.entries()) {
    const { state = {}, name, started, ready } = container;
    const { terminated, waiting } = state;
    countRestarts(container, result);
    if (terminated?.exitCode === 0) continue;
    if (sidecars.has(name) && started) {
      if (ready) result.ready += 1;
      continue;
    }
    if (terminated) return `Init:${terminationReason(terminated)}`;
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
    return `Init:${index}/${(pod.spec?.initContainers ?? []).length}`;
  }
  return undefined;
}

// Once the Pod runs, RESTARTS is about its containers; sidecars are containers.
function keepSidecarRestarts(pod: Pod, sidecars: ReadonlySet<string>, result: Summary): void {
  result.restarts = 0;
  result.lastRestart = '';
  for (const container of pod.status?.initContainerStatuses ?? []) {
    if (sidecars.has(container.name)) countRestarts(container, result);
  }
}

function countContainers(pod: Pod, result: Summary): void {
  let hasRunning = false;
  for (const container of (pod.status?.containerStatuses ?? []).toReversed()) {
    countRestarts(container, result);
    const { terminated, waiting, running } = container.state ?? {};
    if (waiting?.reason) result.reason = waiting.reason;
    else if (terminated) result.reason = terminationReason(terminated);
    else if (container.ready && running) {
      hasRunning = true;
      result.ready += 1;
    }
  }
  if (result.reason === 'Completed' && hasRunning) {
    result.reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
  }
}

function countRestarts(container: ContainerStatus, result: Summary): void {
  result.restarts += container.restartCount;
  const finishedAt = container.lastState?.terminated?.finishedAt ?? '';
  if (finishedAt > result.lastRestart) result.lastRestart = finishedAt;
}

function terminationReason(terminated: {
  readonly reason?: string;
  readonly signal?: number;
  readonly exitCode: number;
}): string {
  if (terminated.reason) return terminated.reason;
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return none;
  const met = gates.filter(({ conditionType }) => hasCondition(pod, conditionType));
  return `${met.length}/${gates.length}`;
}

function hasCondition(pod: Pod, type: string): boolean {
  const conditions = pod.status?.conditions ?? [];
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

function isGated(pod: Pod): boolean {
  const conditions = pod.status?.conditions ?? [];
  return conditions.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
}
