import type { ValidationRules } from '../../machinery/index.ts';
import type { Store } from '../../store/index.ts';
import type { Grantor } from '../auth/rbac/escalation.ts';

/** What every verb works with. */
export interface PipelineContext {
  readonly store: Store;
  readonly now: () => Date;
  readonly validationRules: ValidationRules;
}

/** Who writes, and how. */
export interface Write {
  readonly manager: string;
  readonly dryRun: boolean;
  readonly subresource?: string | undefined;
  /** `autoscaling/v1`, when that is not the version that is stored. */
  readonly writtenAs?: string;
  /** Whose rights limit what he may grant; absent for the cluster's own parts. */
  readonly grantor?: Grantor;
}

/** RFC 3339 in whole seconds, as every timestamp of metadata is. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
