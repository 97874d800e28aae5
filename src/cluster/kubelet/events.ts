import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Api } from '../api.ts';
import { systemClock } from '../controllers/clock.ts';
import { eventRecorder, type RecordEvent } from '../controllers/event-recorder.ts';

interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The container it is about. */
  readonly container?: string;
  readonly field?: 'containers' | 'initContainers' | 'ephemeralContainers';
}

export type RecordPodEvent = (pod: Pod, event: PodEvent) => void;

/** Writes Events in the kubelet's name. */
export function kubeletEvents(api: Api, nodeName: string): RecordEvent {
  return eventRecorder(api, systemClock, 'kubelet', { host: nodeName, fieldManager: 'kubelet' });
}

/** The same for Pods and their containers. */
export function podEvents(record: RecordEvent): RecordPodEvent {
  return (pod, { type, reason, message, container, field = 'containers' }) =>
    record(
      { ...pod, apiVersion: 'v1', kind: 'Pod' },
      type,
      reason,
      message,
      container === undefined ? undefined : `spec.${field}{${container}}`,
    );
}
