import { isDeepStrictEqual } from 'node:util';
import type { ClusterRole, PolicyRule } from 'kubernetes-types/rbac/v1.js';
import { labelSelectorMatcher } from '../store/index.ts';
import { metaOf } from './object-meta.ts';
import type { Controller, ControllerContext } from './runner.ts';

const fieldManager = 'clusterrole-aggregation-controller';

/** Puts together the rules of ClusterRoles that are the sum of others: `edit` is whatever is labelled to be part of it. */
export function clusterRoleAggregationController({
  api,
  informers,
}: ControllerContext): Controller {
  const roles = informers.of('clusterroles');
  const aggregated = (): ClusterRole[] => [...roles.all()].filter(isAggregated);
  return {
    name: fieldManager,
    watch(queue) {
      // Any role may be part of any other, now or before this change.
      roles.onChange(() => {
        for (const role of aggregated()) queue.add(metaOf(role).name);
      });
    },
    reconcile(name) {
      const role = roles.get({ name });
      if (!role || !isAggregated(role)) return;
      const rules = rulesOfParts(role, [...roles.all()]);
      if (isDeepStrictEqual(rules, role.rules ?? [])) return;
      api.patch(
        'clusterroles',
        { name },
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name },
          rules,
        },
        { type: 'apply', force: true, fieldManager },
      );
    },
  };
}

function isAggregated({ aggregationRule }: ClusterRole): boolean {
  return (aggregationRule?.clusterRoleSelectors ?? []).length > 0;
}

/** Each rule once, in the order of the selectors and then of the parts' names. */
function rulesOfParts(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const name = metaOf(role).name;
  const rules = new Map<string, PolicyRule>();
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const isPart = labelSelectorMatcher(selector);
    const parts = all
      .filter((part) => isPart(part.metadata?.labels) && metaOf(part).name !== name)
      .sort((a, b) => (metaOf(a).name < metaOf(b).name ? -1 : 1));
    for (const part of parts) {
      for (const rule of part.rules ?? []) rules.set(JSON.stringify(rule), rule);
    }
  }
  return [...rules.values()];
}
