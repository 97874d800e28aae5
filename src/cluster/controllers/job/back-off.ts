import type { Pod } from 'kubernetes-types/core/v1.js';
import { finishedAt } from './job-pod.ts';

const FIRST_MS = 10_000;
const LONGEST_MS = 10 * 60_000;

export interface FailureRecord {
  /** Failures since the last success. */
  readonly failures: number;
  readonly lastFailureAt: number;
}

/** Milliseconds until a Pod may be created again: 10 s after one failure, doubled by each further one. */
export function backOffDelay({ failures, lastFailureAt }: FailureRecord, now: number): number {
  if (failures === 0) return 0;
  const delay = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(0, lastFailureAt + delay - now);
}

/** The failures of each Job since its last success; kept in memory only, as upstream's. */
export class FailureRecords {
  readonly #records = new Map<string, FailureRecord>();

  /** The record as it is with these Pods, which have ended since it was last kept. */
  with(uid: string, succeeded: readonly Pod[], failed: readonly Pod[]): FailureRecord {
    const before = this.#records.get(uid) ?? { failures: 0, lastFailureAt: 0 };
    const lastSuccessAt = Math.max(0, ...succeeded.map(finishedAt));
    const failures = failed.map(finishedAt).filter((at) => at > lastSuccessAt);
    const kept =
      succeeded.length > 0 && lastSuccessAt >= before.lastFailureAt ? 0 : before.failures;
    return {
      failures: kept + failures.length,
      lastFailureAt: Math.max(before.lastFailureAt, ...failures),
    };
  }

  keep(uid: string, record: FailureRecord): void {
    if (record.failures === 0) this.#records.delete(uid);
    else this.#records.set(uid, record);
  }

  forget(uid: string): void {
    this.#records.delete(uid);
  }
}
