import type { Finding } from '../plan/interlocks/finding.ts';
import type { AccessRule } from './required-rules.ts';
import type { AccessReview } from './review-access.ts';
import { roleFor, roleYaml } from './role.ts';

/** Interlock `rbac`: what is missing, with the Role that grants it ready to apply. */
export function accessInterlock(
  { user, missing }: AccessReview,
  namespace: string,
): readonly Finding[] {
  const needed = missing.filter(({ optional }) => optional === undefined);
  if (needed.length === 0) return [];
  const yaml = roleYaml(roleFor(needed, { namespace, user, name: 'pitstop-missing' }));
  return [
    {
      name: 'rbac',
      object: `user/${user}`,
      message: `may not ${list(needed)} in namespace ${namespace}`,
      hint: `somebody who may grant it applies this:\nkubectl apply -f - <<'EOF'\n${yaml}EOF`,
    },
  ];
}

/** What is only a pity, and what the server would not say. */
export function accessWarnings({ user, missing, unknown }: AccessReview): readonly string[] {
  const pities = missing.flatMap((rule) =>
    rule.optional === undefined ? [] : [`${user} may not ${list([rule])}: ${rule.optional}`],
  );
  const [first] = unknown;
  if (!first) return pities;
  const rules = list(unknown.map(({ rule }) => rule));
  return [...pities, `whether ${user} may ${rules} could not be checked: ${first.reason}`];
}

/** `get, create pods/exec; patch services`. */
function list(rules: readonly AccessRule[]): string {
  const verbs = new Map<string, string[]>();
  for (const { group, resource, verb } of rules) {
    const name = group === '' ? resource : `${resource}.${group}`;
    verbs.set(name, [...(verbs.get(name) ?? []), verb]);
  }
  return [...verbs].map(([name, each]) => `${each.join(', ')} ${name}`).join('; ');
}
