import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Condition } from 'kubernetes-types/meta/v1.js';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from 'kubernetes-types/policy/v1.js';
import { messageOf } from '../api-errors.ts';
import { timestamp } from '../clock.ts';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import { SelectorIndex } from '../label-index.ts';
import { isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { isPodReady } from '../pod-status.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { formatLabelSelector } from '../../store/index.ts';
import { expectedPods } from './expected-pods.ts';

/** An eviction that did not become a deletion within this time is forgotten. */
const EVICTION_EXPIRES_MS = 2 * 60_000;

/** Keeps each budget's status: how many Pods are healthy and how many may be disrupted now. */
export function disruptionController({ api, informers, clock }: ControllerContext): Controller {
  const budgets = informers.of('poddisruptionbudgets');
  const pods = informers.of('pods');
  const podLabels = pods.labels();
  const budgetLabels = budgets.labels();
  const selectingBudgets = new SelectorIndex(budgets, ({ spec }) => spec?.selector);
  const recordEvent = eventRecorder(api, clock, 'controllermanager');

  return {
    name: 'disruption',
    watch(queue) {
      budgets.onChange(({ object }) => queue.add(queueKey(object)));
      pods.onChange(({ object, previous }) => {
        for (const state of [object, previous]) {
          if (!state) continue;
          const { namespace = '', labels } = metaOf(state);
          for (const budget of selectingBudgets.selecting(namespace, labels)) {
            queue.add(queueKey(budget));
          }
        }
      });
      // Sizes count too, and which budget counts them only its Pods tell.
      for (const resource of [
        'deployments',
        'replicasets',
        'statefulsets',
        'replicationcontrollers',
      ]) {
        informers.of(resource).onChange(({ object }) => {
          const { namespace = '' } = metaOf(object);
          for (const budget of budgetLabels.inNamespace(namespace)) queue.add(queueKey(budget));
        });
      }
    },
    reconcile(key) {
      const budget = budgets.get(parseQueueKey(key));
      if (!budget) return undefined;
      const selected = podLabels.select(metaOf(budget).namespace ?? '', budget.spec?.selector);
      if (selected.length === 0) recordEvent(budget, 'Normal', 'NoPods', 'No matching pods found');
      const now = clock.now();
      const disrupted = disruptedPods(budget, now);
      writeStatus(budget, statusOf(budget, selected, disrupted, now));
      const times = Object.values(disrupted).map((time) => Date.parse(time));
      return times.length === 0
        ? undefined
        : { requeueAfterMs: Math.min(...times) + EVICTION_EXPIRES_MS - now };
    },
  };

  function statusOf(
    budget: PodDisruptionBudget,
    selected: readonly Pod[],
    disrupted: Readonly<Record<string, string>>,
    now: number,
  ): PodDisruptionBudgetStatus {
    const { generation } = metaOf(budget);
    try {
      const expected = expectedPods(api, budget, selected);
      if (expected.unmanaged.length > 0) warnOfUnmanaged(budget);
      const currentHealthy = selected.filter(
        (pod) => !isBeingDeleted(pod) && !(metaOf(pod).name in disrupted) && isPodReady(pod),
      ).length;
      const disruptionsAllowed =
        expected.expectedPods > 0 ? Math.max(0, currentHealthy - expected.desiredHealthy) : 0;
      return {
        currentHealthy,
        desiredHealthy: expected.desiredHealthy,
        disruptionsAllowed,
        expectedPods: expected.expectedPods,
        ...(generation !== undefined && { observedGeneration: generation }),
        ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
        ...conditions(
          budget,
          disruptionsAllowed > 0
            ? { status: 'True', reason: 'SufficientPods', message: '' }
            : { status: 'False', reason: 'InsufficientPods', message: '' },
          now,
        ),
      };
    } catch (error) {
      // Fail safe: what cannot be counted must not be disrupted.
      const message = messageOf(error);
      recordEvent(
        budget,
        'Warning',
        'CalculateExpectedPodCountFailed',
        `Failed to calculate the number of expected pods: ${message}`,
      );
      return {
        currentHealthy: 0,
        desiredHealthy: 0,
        expectedPods: 0,
        ...budget.status,
        disruptionsAllowed: 0,
        ...conditions(budget, { status: 'False', reason: 'SyncFailed', message }, now),
      };
    }
  }

  /** Evictions granted but not seen as deletions yet: those Pods count as gone. */
  function disruptedPods(
    { metadata, status }: PodDisruptionBudget,
    now: number,
  ): Record<string, string> {
    const granted = Object.entries((status?.disruptedPods ?? {}) as Record<string, string>);
    return Object.fromEntries(
      granted.filter(([name, time]) => {
        const pod = pods.get({ namespace: metadata?.namespace, name });
        const isPending = pod !== undefined && !isBeingDeleted(pod);
        return isPending && Date.parse(time) + EVICTION_EXPIRES_MS > now;
      }),
    );
  }

  function warnOfUnmanaged(budget: PodDisruptionBudget): void {
    recordEvent(
      budget,
      'Warning',
      'UnmanagedPods',
      `Pods selected by this PodDisruptionBudget (selector: ${formatLabelSelector(budget.spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
    );
  }

  function writeStatus(budget: PodDisruptionBudget, status: PodDisruptionBudgetStatus): void {
    if (isSemanticallyEqual(status, budget.status)) return;
    api.update(
      'poddisruptionbudgets',
      { ...budget, status },
      { subresource: 'status', fieldManager: FIELD_MANAGER },
    );
  }
}

function conditions(
  { metadata, status }: PodDisruptionBudget,
  next: Pick<Condition, 'status' | 'reason' | 'message'>,
  now: number,
): { readonly conditions: Condition[] } {
  const type = 'DisruptionAllowed';
  const all = status?.conditions ?? [];
  const known = all.find((condition) => condition.type === type);
  const lastTransitionTime =
    known?.status === next.status ? known.lastTransitionTime : timestamp(now);
  return {
    conditions: [
      ...all.filter((condition) => condition !== known),
      {
        type,
        ...(metadata?.generation !== undefined && { observedGeneration: metadata.generation }),
        lastTransitionTime,
        ...next,
      },
    ],
  };
}
