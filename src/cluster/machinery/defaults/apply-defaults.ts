import type { GroupVersionKind } from '../group-version-kind.ts';
import type { KindRules } from '../kind-rules.ts';
import { conform } from '../schema/conform.ts';
import { typeOf } from '../schema/types.ts';
import { access } from './access.ts';
import { autoscaling } from './autoscaling.ts';
import { cluster } from './cluster.ts';
import { extensions } from './extensions.ts';
import { networking } from './networking.ts';
import { storage } from './storage.ts';
import { workloads } from './workloads.ts';

/** Fills in one kind's defaults; the object given is its own to change. */
export type Defaulter = (object: never) => void;

const defaulters: Readonly<Record<string, Defaulter>> = {
  ...access,
  ...autoscaling,
  ...cluster,
  ...extensions,
  ...networking,
  ...storage,
  ...workloads,
};

/** What fills in this kind's defaults; undefined where there are none. */
export function defaulterOf({ group, version, kind }: GroupVersionKind): Defaulter | undefined {
  return defaulters[`${group}/${version} ${kind}`];
}

/**
 * The object as upstream has it after decoding: canonical values, no nulls, every default filled
 * in. A new object; what admission and the strategies add (addresses, tolerations, uid) is not here.
 */
export function applyDefaults<T>(
  kind: GroupVersionKind & Pick<KindRules, 'defaults'>,
  object: T,
): T {
  const conformed = conform(typeOf(kind), object);
  kind.defaults?.(conformed as never);
  return conformed as T;
}
