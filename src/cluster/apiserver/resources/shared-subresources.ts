import type { Subresource, Verb } from './resource.ts';
import { WRITE } from './rows.ts';

/** Of what is only ever posted: reviews, bindings, evictions. */
export const CREATE: readonly Verb[] = ['create'];

/** The replicas of a workload, the same shape for all of them. */
export const SCALE: Subresource = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: WRITE,
};
