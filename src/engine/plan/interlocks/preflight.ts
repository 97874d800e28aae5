import type { Pod } from 'kubernetes-types/core/v1.js';
import type { GentlerOption, Preflight } from '../../diagnostics/preflight.ts';
import type { Room } from '../../container/rooms.ts';
import { formatSize } from '../../words.ts';
import { livenessBudgetOf } from './liveness-budget.ts';
import type { Finding } from './finding.ts';

/** Whether what a diagnostic may need at worst fits what there is: time, room and memory. */
export function findPreflightInterlocks(
  pod: Pod,
  container: string,
  preflight: Preflight,
): readonly Finding[] {
  return [
    ...tooLong(pod, container, preflight),
    ...tooLarge(pod, container, preflight),
    ...tooMuchMemory(pod, container, preflight),
  ];
}

function tooLong(pod: Pod, container: string, preflight: Preflight): readonly Finding[] {
  const { pauseMs = 0, basis, options } = preflight;
  const budget = livenessBudgetOf(pod, container);
  if (!budget || pauseMs <= budget.earliestMs) return [];
  const hint =
    nearest(options, ({ pauseMs: pause }) => pause <= budget.earliestMs) ??
    'a probe with a larger failureThreshold leaves more time (a new revision of the workload)';
  const would = budget.isCertain ? 'would' : 'might';
  return [
    {
      name: 'liveness-budget',
      object: objectOf(pod),
      message: `container ${container} may stand still for ${seconds(pauseMs)} (${basis}); after ${seconds(budget.earliestMs)} its ${budget.probe} ${would} have it restarted, and killed ${seconds(budget.graceMs)} later`,
      hint,
    },
  ];
}

function tooLarge(pod: Pod, container: string, preflight: Preflight): readonly Finding[] {
  const { sizeBytes = 0, basis, options, rooms, memory } = preflight;
  const object = objectOf(pod);
  if (rooms.length === 0) {
    return [
      {
        name: 'disk',
        object,
        message: `container ${container} can write nowhere (a read-only root file system, and no emptyDir)`,
        hint: 'an emptyDir in the container gives it room (a new revision of the workload)',
        final: 'there is no place for what it would write',
      },
    ];
  }
  const fits = ({ freeBytes }: Room) => freeBytes === undefined || freeBytes >= sizeBytes;
  if (rooms.some(fits)) return [];
  const enough = rooms.filter(({ diskBytes = 0 }) => diskBytes >= sizeBytes);
  const limited = enough.find(({ limit }) => limit && limit.leftBytes < sizeBytes);
  const needs = `the artifact may take ${formatSize(sizeBytes)} (${basis})`;
  const hint =
    nearest(options, ({ sizeBytes: size }) =>
      rooms.some(({ freeBytes = 0 }) => freeBytes >= size),
    ) ?? 'an emptyDir with more room would do (a new revision of the workload)';
  if (limited?.limit) {
    const { name, leftBytes } = limited.limit;
    return [
      {
        name: 'ephemeral-storage',
        object,
        message: `${needs}, and in ${limited.path} the ${name} leaves ${formatSize(leftBytes)}: beyond it the kubelet evicts the Pod`,
        hint,
      },
    ];
  }
  if (enough.length > 0 && memory) {
    const left = memory.limitBytes - memory.usedBytes;
    return [
      {
        name: 'memory',
        object,
        message: `${needs}, and has room only in memory (${listRooms(enough)}), of which the limit of container ${container} leaves ${formatSize(left)} of ${formatSize(memory.limitBytes)}`,
        hint,
      },
    ];
  }
  return [
    {
      name: 'disk',
      object,
      message: `${needs}, and only this is free in container ${container}: ${listRooms(rooms)}`,
      hint,
    },
  ];
}

function tooMuchMemory(pod: Pod, container: string, preflight: Preflight): readonly Finding[] {
  const { memoryBytes = 0, memory, basis } = preflight;
  if (!memory) return [];
  const left = Math.max(0, memory.limitBytes - memory.usedBytes);
  if (memoryBytes <= left) return [];
  return [
    {
      name: 'memory',
      object: objectOf(pod),
      message: `it may take ${formatSize(memoryBytes)} more memory (${basis}), and the limit of container ${container} leaves ${formatSize(left)} of ${formatSize(memory.limitBytes)}: beyond it the kernel kills the process`,
      hint: 'a higher memory limit leaves more (a new revision of the workload)',
    },
  ];
}

function nearest(
  options: readonly GentlerOption[],
  fits: (option: GentlerOption) => boolean,
): string | undefined {
  const option = options.find(fits);
  return option && `${option.flag}: ${option.what}`;
}

function listRooms(rooms: readonly Room[]): string {
  return rooms.map(({ path, freeBytes = 0 }) => `${path} ${formatSize(freeBytes)}`).join(', ');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms % 1000 === 0 ? 0 : 1)} s`;
}

function objectOf({ metadata }: Pod): string {
  return `pod/${metadata?.name}`;
}
