import { type Defaulter, defaulterOf } from './defaults/apply-defaults.ts';
import type { GroupVersionKind } from './group-version-kind.ts';
import { checksOf, type KindChecks } from './validation/validate.ts';

/** What becomes of a kind's objects on their way into the store: a part of its `Resource` record. */
export interface KindRules {
  /** Fills in what a client left out. */
  readonly defaults: Defaulter | undefined;
  readonly checks: KindChecks;
}

export type Kind = GroupVersionKind & KindRules;

/** The kind with its rules; one that is not built in has those of all kinds. */
export function kindOf({ group, version, kind }: GroupVersionKind): Kind {
  const gvk = { group, version, kind };
  return { ...gvk, defaults: defaulterOf(gvk), checks: checksOf(gvk) };
}
