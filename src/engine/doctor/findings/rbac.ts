import type { AccessRule } from '../../access/required-rules.ts';
import type { Finding } from '../finding.ts';
import type { Environment } from '../world.ts';

/** One finding for each thing that the user's permissions keep from working. */
export function findMissingRights({ rights }: Environment): readonly Finding[] {
  const { user, namespace, lacking } = rights;
  const where = namespace === '' ? 'in all namespaces' : `in namespace ${namespace}`;
  return lacking.map(({ task, isNeeded, rules }) => ({
    name: 'rbac' as const,
    severity: isNeeded ? ('warning' as const) : ('note' as const),
    ...(namespace !== '' && { namespace }),
    object: `user/${user}`,
    message: `may not ${verbs(rules)} ${where}: ${rules.some(({ optional }) => optional) ? task : `${task} would refuse`}`,
    hint: `somebody who may grant it applies what this prints: kubectl pitstop doctor --print-rbac${namespace === '' ? '' : ` -n ${namespace}`}`,
  }));
}

/** `patch services; get, create pods/exec`. */
function verbs(rules: readonly AccessRule[]): string {
  const byResource = Map.groupBy(rules, ({ group, resource }) =>
    group === '' ? resource : `${resource}.${group}`,
  );
  return [...byResource]
    .map(([resource, each]) => `${each.map(({ verb }) => verb).join(', ')} ${resource}`)
    .join('; ');
}
