import type { AccessRule } from '../../access/required-rules.ts';
import type { Finding } from '../finding.ts';
import { ruleKey } from '../rule-key.ts';
import type { Environment } from '../world.ts';

/** A finding for each thing that the user's permissions keep from working, a rule in the first of them. */
export function findMissingRights({ rights }: Environment): readonly Finding[] {
  const { user, namespace, lacking, pities } = rights;
  const where = namespace === '' ? 'in all namespaces' : `in namespace ${namespace}`;
  const about = {
    name: 'rbac' as const,
    ...(namespace !== '' && { namespace }),
    object: `user/${user}`,
    hint: `somebody who may grant it applies what this prints: kubectl pitstop doctor --print-rbac${namespace === '' ? '' : ` -n ${namespace}`}`,
  };
  const told = new Set<string>();
  const findings = lacking.flatMap(({ task, isNeeded, rules }): readonly Finding[] => {
    const news = rules.filter((rule) => !told.has(ruleKey(rule)));
    if (news.length === 0) return [];
    const again = news.length < rules.length ? ', besides the above' : '';
    for (const rule of news) told.add(ruleKey(rule));
    return [
      {
        ...about,
        severity: isNeeded ? 'warning' : 'note',
        message: `may not ${verbs(news)} ${where}${again}: ${task} would refuse`,
      },
    ];
  });
  if (pities.length === 0) return findings;
  return [
    ...findings,
    {
      ...about,
      severity: 'note',
      message: `may not ${verbs(pities)} ${where}: a stop goes without`,
      details: pities.map(({ optional = '' }) => optional),
    },
  ];
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
