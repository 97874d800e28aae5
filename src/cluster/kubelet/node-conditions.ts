import type { Node, NodeCondition } from 'kubernetes-types/core/v1.js';
import { statfsSync } from 'node:fs';
import { time } from './pod/status.ts';

/**
 * Less than this is too little, and less than a tenth of the disk with it: the kubelet's own tenth
 * alone would stop every cluster on a well-filled laptop.
 */
const LEAST_BYTES = 1024 ** 3;
const LEAST_PART = 0.1;

/** Whether a disk with so much left is nearly full. */
export function isNearlyFull(disk: { readonly free: number; readonly total: number }): boolean {
  return disk.free < LEAST_BYTES && disk.free < disk.total * LEAST_PART;
}

/** The conditions as they are now; when each came to be so is kept from `before`. */
export function nodeConditions(
  before: Node | undefined,
  { directory, now }: { readonly directory: string; readonly now: number },
): NodeCondition[] {
  const { bavail, blocks, bsize } = statfsSync(directory);
  const full = isNearlyFull({ free: bavail * bsize, total: blocks * bsize });
  const said = [
    [
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ],
    full
      ? ['DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure']
      : ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ] as const;
  return said.map(([type, status, reason, message]) => {
    const last = before?.status?.conditions?.find((condition) => condition.type === type);
    const since = last?.status === status ? last.lastTransitionTime : undefined;
    return {
      type,
      status,
      lastHeartbeatTime: time(now),
      lastTransitionTime: since ?? time(now),
      reason,
      message,
    };
  });
}

/** Whether the stored conditions say something else, or what they say is old. */
export function areOutdated(
  stored: Node | undefined,
  now: readonly NodeCondition[],
  maxAgeMs: number,
): boolean {
  return now.some(({ type, status, lastHeartbeatTime = '' }) => {
    const last = stored?.status?.conditions?.find((condition) => condition.type === type);
    const age = Date.parse(lastHeartbeatTime) - Date.parse(last?.lastHeartbeatTime ?? '');
    return last?.status !== status || !(age < maxAgeMs);
  });
}
