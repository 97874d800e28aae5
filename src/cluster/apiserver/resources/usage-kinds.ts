import type { Resource, Verb } from './resource.ts';
import { rows } from './rows.ts';

const READ: readonly Verb[] = ['get', 'list'];

/** What metrics-server serves beside a real API server: nothing of it is stored, it is measured when asked for. */
export const USAGE_KINDS: readonly Resource[] = rows('metrics.k8s.io', 'v1beta1', [
  { kind: 'NodeMetrics', plural: 'nodes', singular: '', verbs: READ },
  { kind: 'PodMetrics', plural: 'pods', singular: '', namespaced: true, verbs: READ },
]);
