import type { PolicyRule } from 'kubernetes-types/rbac/v1.js';
import type { Attributes } from '../attributes.ts';
import { quoted } from '../quoted.ts';

/** Whether this one rule allows it. */
export function ruleAllows(rule: PolicyRule, asked: Attributes): boolean {
  if (!includesOrAll(rule.verbs, asked.verb)) return false;
  if ('path' in asked)
    return (rule.nonResourceURLs ?? []).some((url) => urlCovers(url, asked.path));
  const { group, resource, subresource, name } = asked;
  return (
    includesOrAll(rule.apiGroups ?? [], group) &&
    (rule.resources ?? []).some((one) => resourceCovers(one, joined(resource, subresource))) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(name))
  );
}

/**
 * What of `wanted` the owner of `held` may not do himself, each as a rule of one verb on one thing.
 * Like upstream, a rule is covered by a single rule or not at all, never by several together.
 */
export function missingRules(
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): PolicyRule[] {
  return wanted.flatMap(brokenDown).filter((part) => !held.some((rule) => ruleCovers(rule, part)));
}

function brokenDown(rule: PolicyRule): PolicyRule[] {
  const names = rule.resourceNames?.length ? rule.resourceNames.map((name) => [name]) : [[]];
  return [
    ...(rule.apiGroups ?? []).flatMap((group) =>
      (rule.resources ?? []).flatMap((resource) =>
        rule.verbs.flatMap((verb) =>
          names.map((resourceNames) => ({
            apiGroups: [group],
            resources: [resource],
            ...(resourceNames.length > 0 && { resourceNames }),
            verbs: [verb],
          })),
        ),
      ),
    ),
    ...(rule.nonResourceURLs ?? []).flatMap((url) =>
      rule.verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })),
    ),
  ];
}

function ruleCovers(rule: PolicyRule, part: PolicyRule): boolean {
  if (!part.verbs.every((verb) => includesOrAll(rule.verbs, verb))) return false;
  if (part.nonResourceURLs) {
    return part.nonResourceURLs.every((url) =>
      (rule.nonResourceURLs ?? []).some((held) => urlCovers(held, url)),
    );
  }
  return (
    (part.apiGroups ?? []).every((group) => includesOrAll(rule.apiGroups ?? [], group)) &&
    (part.resources ?? []).every((resource) =>
      (rule.resources ?? []).some((held) => resourceCovers(held, resource)),
    ) &&
    (!rule.resourceNames?.length ||
      (part.resourceNames?.every((name) => rule.resourceNames?.includes(name)) ?? false))
  );
}

function includesOrAll(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

/** `*` is everything, `pods` only the Pods themselves, `*` + `/scale` the scale of anything. */
function resourceCovers(held: string, asked: string): boolean {
  if (held === '*' || held === asked) return true;
  const slash = asked.indexOf('/');
  return slash > 0 && held === `*${asked.slice(slash)}`;
}

function urlCovers(held: string, path: string): boolean {
  return held === path || (held.endsWith('*') && path.startsWith(held.replace(/\*+$/, '')));
}

function joined(resource: string, subresource: string): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

/** Rules for the same thing put together, one line each, sorted: what an error message shows. */
export function describeRules(rules: readonly PolicyRule[]): string[] {
  const simple = new Map<string, { rule: PolicyRule; verbs: string[] }>();
  for (const rule of rules) {
    const key = JSON.stringify({ ...rule, verbs: undefined });
    const known = simple.get(key);
    // Upstream leaves rules for URLs one by one.
    if (known && !rule.nonResourceURLs) known.verbs.push(...rule.verbs);
    else simple.set(known ? `${key}${simple.size}` : key, { rule, verbs: [...rule.verbs] });
  }
  const lines = [...simple.values()].map(({ rule, verbs }) => {
    const parts = Object.entries({
      APIGroups: rule.apiGroups,
      Resources: rule.resources,
      NonResourceURLs: rule.nonResourceURLs,
      ResourceNames: rule.resourceNames,
      Verbs: verbs,
    }).flatMap(([name, values]) => (values?.length ? [`${name}:${quoted(values)}`] : []));
    return `{${parts.join(', ')}}`;
  });
  return [...new Set(lines)].sort();
}
