import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import { matchesSelector, type Labels } from './labels.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * What else looks at the Pod's labels, and sees another Pod while they are changed: budgets that
 * count it, policies that hold for it, and policies of others that let it through. In words.
 */
export function policyEffects(
  { budgets = [], networkPolicies = [] }: Pick<Snapshot, 'budgets' | 'networkPolicies'>,
  before: Labels,
  after: Labels,
): readonly string[] {
  const turns = (selector: LabelSelector | undefined) => {
    const now = selects(selector, before);
    return now === selects(selector, after) ? undefined : now ? 'leaves' : 'joins';
  };
  return [
    ...budgets.flatMap(({ metadata, spec }) => {
      const turn = turns(spec?.selector);
      if (!turn) return [];
      const how = turn === 'leaves' ? 'does not count the Pod' : 'counts the Pod';
      return [`poddisruptionbudget/${metadata?.name} ${how} while it is out`];
    }),
    ...networkPolicies.flatMap((policy) => {
      const name = `networkpolicy/${policy.metadata?.name}`;
      const turn = turns(policy.spec?.podSelector);
      const peers = new Set(peerSelectors(policy).map(turns));
      return [
        ...(turn === 'leaves' ? [`${name} no longer applies to the Pod while it is out`] : []),
        ...(turn === 'joins' ? [`${name} applies to the Pod while it is out`] : []),
        ...(peers.has('leaves')
          ? [
              `${name} does not let through what the Pod asks of others, or they of it, while it is out`,
            ]
          : []),
        ...(peers.has('joins') ? [`${name} lets the Pod through while it is out`] : []),
      ];
    }),
  ];
}

/** An empty selector means all Pods here, an absent one none. */
function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return true;
  return matchesSelector(selector, labels);
}

/** Peers of this namespace; one by namespace too may mean it, and is taken for it. */
function peerSelectors({ spec }: NetworkPolicy): readonly LabelSelector[] {
  const peers = [
    ...(spec?.ingress ?? []).flatMap(({ from = [] }) => from),
    ...(spec?.egress ?? []).flatMap(({ to = [] }) => to),
  ];
  return peers.flatMap(({ podSelector }) => podSelector ?? []);
}
