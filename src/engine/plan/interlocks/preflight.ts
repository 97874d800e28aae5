import type { Pod } from 'kubernetes-types/core/v1.js';
import type { GentlerOption, Preflight } from '../../diagnostics/preflight.ts';
import type { ContainerMemory } from '../../container/memory.ts';
import { roomiest, type Room } from '../../container/rooms.ts';
import type { Target } from '../../container/target.ts';
import { formatSize } from '../../words.ts';
import { livenessBudgetOf } from './liveness-budget.ts';
import type { Finding } from './finding.ts';

/** Whether what a diagnostic may need at worst fits what there is: time, room and memory. */
export function findPreflightInterlocks(
  pod: Pod,
  { container, remoteDirectory }: Pick<Target, 'container' | 'remoteDirectory'>,
  preflight: Preflight,
): readonly Finding[] {
  const isNowhere = remoteDirectory !== undefined && preflight.rooms.length === 0;
  return [
    ...tooLong(pod, container, preflight),
    ...(isNowhere
      ? [cannotWriteTo(pod, container, remoteDirectory)]
      : tooLarge(pod, container, preflight)),
    ...tooMuchMemory(pod, container, preflight),
  ];
}

function tooLong(pod: Pod, container: string, preflight: Preflight): readonly Finding[] {
  const { pauseMs = 0, basis } = preflight;
  const budget = livenessBudgetOf(pod, container);
  if (!budget || pauseMs <= budget.earliestMs) return [];
  const would = budget.isCertain ? 'would' : 'might';
  return [
    {
      name: 'liveness-budget',
      object: objectOf(pod),
      message: `container ${container} may stand still for ${seconds(pauseMs)} (${basis}); after ${seconds(budget.earliestMs)} its ${budget.probe} ${would} have it restarted, and killed ${seconds(budget.graceMs)} later`,
      hint:
        nearest(pod, container, preflight) ??
        'a probe with a larger failureThreshold leaves more time (a new revision of the workload)',
    },
  ];
}

function cannotWriteTo(pod: Pod, container: string, directory: string): Finding {
  return {
    name: 'disk',
    object: objectOf(pod),
    message: `container ${container} has no directory ${directory} that it may write to`,
    hint: 'without --remote-dir the roomiest place is taken',
    final: 'there is no such place',
  };
}

function tooLarge(pod: Pod, container: string, preflight: Preflight): readonly Finding[] {
  const { sizeBytes = 0, basis, memory } = preflight;
  const object = objectOf(pod);
  const rooms = preflight.rooms.filter(({ onRequest }) => !onRequest);
  const spare = spareRoom(preflight.rooms, sizeBytes);
  if (rooms.length === 0) {
    return [
      {
        name: 'disk',
        object,
        message: `container ${container} can write nowhere (a read-only root file system, and no emptyDir)`,
        hint:
          spare ?? 'an emptyDir in the container gives it room (a new revision of the workload)',
        final: 'there is no place for what it would write',
      },
    ];
  }
  if (rooms.some((room) => fits(room, sizeBytes))) return [];
  const enough = rooms.filter(({ diskBytes = 0 }) => diskBytes >= sizeBytes);
  const limited = enough.find(({ limit }) => limit && limit.leftBytes < sizeBytes);
  const needs = `the artifact may take ${formatSize(sizeBytes)} (${basis})`;
  const hint =
    spare ??
    nearest(pod, container, preflight) ??
    'an emptyDir with more room would do (a new revision of the workload)';
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
    return [
      {
        name: 'memory',
        object,
        message: `${needs}, and has room only in memory (${listRooms(enough)}), of which the limit of container ${container} leaves ${formatSize(leftOf(memory))} of ${formatSize(memory.limitBytes)}`,
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

/** What the tool takes, and what is written to memory because no disk has room, take it together. */
function tooMuchMemory(pod: Pod, container: string, preflight: Preflight): readonly Finding[] {
  const { memoryBytes = 0, sizeBytes = 0, memory, basis, rooms } = preflight;
  if (!memory) return [];
  const left = leftOf(memory);
  const room = roomiest(rooms, sizeBytes);
  const written = room?.inMemory ? sizeBytes : 0;
  if (memoryBytes + written <= left) return [];
  const where = written > 0 ? `, of them ${formatSize(written)} in ${room?.path}, a tmpfs` : '';
  return [
    {
      name: 'memory',
      object: objectOf(pod),
      message: `it may take ${formatSize(memoryBytes + written)} more memory (${basis}${where}), and the limit of container ${container} leaves ${formatSize(left)} of ${formatSize(memory.limitBytes)}: beyond it the kernel kills the process`,
      hint:
        nearest(pod, container, preflight) ??
        'a higher memory limit leaves more (a new revision of the workload)',
    },
  ];
}

/**
 * The nearest option that fits in every respect; before it, those that are nearer and do not, with
 * what speaks against them.
 */
function nearest(pod: Pod, container: string, preflight: Preflight): string | undefined {
  const against: string[] = [];
  for (const option of preflight.options) {
    const objection = whyNot(option, pod, container, preflight);
    if (objection === undefined) {
      return [`${option.flag}: ${option.what}`, ...against].join('; ');
    }
    against.push(`${option.flag} ${objection}`);
  }
  return undefined;
}

function whyNot(
  { pauseMs, sizeBytes, memoryBytes = 0 }: GentlerOption,
  pod: Pod,
  container: string,
  { rooms, memory }: Preflight,
): string | undefined {
  const budget = livenessBudgetOf(pod, container);
  if (budget && pauseMs > budget.earliestMs) return `would pause ${seconds(pauseMs)}`;
  const room = roomiest(rooms, sizeBytes);
  if (!room) return `would take ${formatSize(sizeBytes)}`;
  const taken = memoryBytes + (room.inMemory ? sizeBytes : 0);
  if (memory && taken > leftOf(memory)) return `would take ${formatSize(taken)} of memory`;
  return undefined;
}

/** A volume of the app's own that would hold it: nothing is written there unasked. */
function spareRoom(rooms: readonly Room[], sizeBytes: number): string | undefined {
  const room = rooms.find((each) => each.onRequest && fits(each, sizeBytes));
  if (!room) return undefined;
  const free = room.freeBytes === undefined ? '' : ` has ${formatSize(room.freeBytes)} free and`;
  return `--remote-dir=${room.path}: that volume${free} is the app's own, so it is not written to unasked`;
}

function fits({ freeBytes }: Room, sizeBytes: number): boolean {
  return freeBytes === undefined || freeBytes >= sizeBytes;
}

function leftOf({ limitBytes, usedBytes }: ContainerMemory): number {
  return Math.max(0, limitBytes - usedBytes);
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
