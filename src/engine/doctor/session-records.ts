import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';
import { readRecord, type UndoRecord } from '../session/record.ts';
import type { NamespaceWorld } from './world.ts';

export interface HeldPod {
  readonly pod: Pod;
  /** The error, where it cannot be read. */
  readonly record: UndoRecord | PitstopError;
}

/** The Pods of a namespace that carry an undo record. */
export function heldPods({ pods }: Pick<NamespaceWorld, 'pods'>): readonly HeldPod[] {
  return pods.flatMap((pod) => {
    const record = tryRead(pod);
    return record ? [{ pod, record }] : [];
  });
}

/** The sessions that a Pod is out for, or on its way home from. */
export function sessionIds(world: Pick<NamespaceWorld, 'pods'>): ReadonlySet<string> {
  return new Set(
    heldPods(world).flatMap(({ record }) => (record instanceof PitstopError ? [] : [record.id])),
  );
}

function tryRead(pod: Pod): UndoRecord | PitstopError | undefined {
  try {
    return readRecord(pod);
  } catch (error) {
    if (error instanceof PitstopError) return error;
    throw error;
  }
}
