import type { Pod } from 'kubernetes-types/core/v1.js';
import type { UndoRecord } from '../session/record.ts';
import { podReference } from './pod-reference.ts';
import type { Write } from './route.ts';

type Values = Readonly<Record<string, string | null>>;
type Conditions = NonNullable<UndoRecord['conditions']>;

/** What one write changes on a Pod; `null` removes. */
export interface PodChange {
  readonly labels?: Values | undefined;
  readonly annotations: Values;
  readonly conditions?: Conditions | undefined;
}

/**
 * One patch of the Pod as it was read: its uid and resourceVersion are the precondition. Conditions
 * go through pods/status, and labels and annotations with them in the same patch: of the metadata
 * the API server's strategy for pods/status keeps back only the ownerReferences.
 */
export function podWrite(pod: Pod, { labels = {}, annotations, conditions }: PodChange): Write {
  const { uid, resourceVersion } = pod.metadata ?? {};
  const metadata = {
    uid,
    resourceVersion,
    ...(Object.keys(labels).length > 0 && { labels }),
    annotations,
  };
  const reference = podReference(pod);
  const states = Object.entries(conditions ?? {});
  if (states.length === 0) return { reference, type: 'merge', patch: { metadata } };
  return {
    reference,
    subresource: 'status',
    // Conditions are merged by their type: those that others set stay as they are.
    type: 'strategic',
    patch: { metadata, status: { conditions: states.map(conditionPatch) } },
  };
}

function conditionPatch([type, state]: [string, Conditions[string]]): unknown {
  if (!state) return { $patch: 'delete', type };
  return {
    type,
    status: state.status,
    reason: state.reason ?? null,
    message: state.message ?? null,
    // metav1.Time holds whole seconds.
    lastTransitionTime: `${new Date().toISOString().slice(0, 19)}Z`,
  };
}

/** The state of one of the Pod's conditions, as an undo record keeps it; null without one. */
export function conditionOf(pod: Pod, type: string): Conditions[string] {
  const found = pod.status?.conditions?.find((condition) => condition.type === type);
  if (!found) return null;
  const { status, reason, message } = found;
  return { status, ...(reason && { reason }), ...(message && { message }) };
}
