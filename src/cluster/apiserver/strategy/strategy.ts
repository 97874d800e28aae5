import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { FieldError } from '../../machinery/index.ts';
import type { Store } from '../../store/index.ts';

/** An object on its way into the store. The parts below the first two levels may be shared: replace, never mutate them. */
export interface Draft {
  kind?: string;
  apiVersion?: string;
  metadata: { -readonly [Field in keyof ObjectMeta]: ObjectMeta[Field] };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [field: string]: unknown;
}

export interface StrategyContext {
  readonly store: Store;
  readonly now: () => Date;
  /** Of the update: `status`, `finalize`, …; absent on the main resource. */
  readonly subresource?: string | undefined;
}

/** What is particular about one kind between decoding and storing it; all of it optional. */
export interface Strategy {
  /** The status every new object starts with; absent = what the client sent is kept. */
  readonly initialStatus?: (draft: Draft) => Record<string, unknown> | undefined;
  readonly prepareForCreate?: (
    draft: Draft,
    context: StrategyContext,
  ) => readonly FieldError[] | void;
  readonly prepareForUpdate?: (
    draft: Draft,
    previous: Draft,
    context: StrategyContext,
  ) => readonly FieldError[] | void;
  /** Whether `metadata.generation` goes up; by default when `spec` changed. */
  readonly isNewGeneration?: (draft: Draft, previous: Draft) => boolean;
  /** Seconds the object lives on after a DELETE; absent = it goes at once. */
  readonly graceSeconds?: (object: Draft, requested: number | undefined) => number;
}
