import type { Pod } from 'kubernetes-types/core/v1.js';
import { isPodTerminal } from '../../controllers/pod-status.ts';
import { hostPortsOf, isConflicting } from '../../scheduler/host-ports.ts';
import type { NodeContext } from './pod-context.ts';
import type { Verdict } from './status.ts';

/**
 * Whether a Pod that may have come past the scheduler can run here. When not: tells so as an Event
 * and answers with the verdict, both in the kubelet's words.
 */
export function refusalOf(
  pod: Pod,
  { api, nodeName, recordEvent }: NodeContext,
): Verdict | undefined {
  const wanted = hostPortsOf(pod);
  if (wanted.length === 0) return undefined;
  const fieldSelector = `spec.nodeName=${nodeName}`;
  const isTaken = api
    .list<Pod>('pods', { fieldSelector })
    .filter((other) => other.metadata?.uid !== pod.metadata?.uid && !isPodTerminal(other))
    .filter((other) => isBefore(other, pod))
    .flatMap(hostPortsOf)
    .some((taken) => wanted.some((port) => isConflicting(port, taken)));
  if (!isTaken) return undefined;
  const message =
    "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
  const reason = 'NodePorts';
  recordEvent(pod, { type: 'Warning', reason, message });
  return { reason, message: `Pod was rejected: ${message}` };
}

/** It has been taken in, or its binding is older: of two that come at once, one is to stay. */
function isBefore(other: Pod, pod: Pod): boolean {
  if (other.status?.startTime !== undefined) return true;
  return Number(other.metadata?.resourceVersion) < Number(pod.metadata?.resourceVersion);
}
