import type { Role, RoleBinding, Subject } from 'kubernetes-types/rbac/v1.js';
import type { AccessRule } from './required-rules.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const rbacGroup = 'rbac.authorization.k8s.io';

/** A Role of these rules and its binding to the user, ready to apply. */
export function roleFor(
  rules: readonly AccessRule[],
  {
    namespace,
    user,
    name = 'pitstop',
  }: {
    readonly namespace: string;
    /** As the server knows him. */
    readonly user: string;
    readonly name?: string;
  },
): readonly [Role, RoleBinding] {
  const metadata = { name, namespace };
  return [
    { apiVersion, kind: 'Role', metadata, rules: merge(rules) },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbacGroup, kind: 'Role', name },
      subjects: [subjectOf(user)],
    },
  ];
}

/** As YAML for `kubectl apply -f -`; JSON is YAML, so each rule is one line of it. */
export function roleYaml([role, binding]: readonly [Role, RoleBinding]): string {
  const head = ({ kind, metadata }: Role | RoleBinding) =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: ${flow(metadata)}\n`;
  return [
    `${head(role)}rules:\n${(role.rules ?? []).map((rule) => `- ${flow(rule)}\n`).join('')}`,
    `${head(binding)}roleRef: ${flow(binding.roleRef)}\nsubjects:\n${(binding.subjects ?? []).map((subject) => `- ${flow(subject)}\n`).join('')}`,
  ].join('---\n');
}

/** Flow style with bare keys, as a person would write it; every value quoted as JSON. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${key}: ${flow(each)}`)
    .join(', ')} }`;
}

/** One rule for each resource, names aside: a Role that outlives this Pod should serve the next. */
function merge(rules: readonly AccessRule[]): NonNullable<Role['rules']> {
  const merged = new Map<string, { group: string; resource: string; verbs: Set<string> }>();
  for (const { group, resource, verb } of rules) {
    const key = `${group}/${resource}`;
    const rule = merged.get(key) ?? { group, resource, verbs: new Set<string>() };
    rule.verbs.add(verb);
    merged.set(key, rule);
  }
  return [...merged.values()].map(({ group, resource, verbs }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [...verbs],
  }));
}

function subjectOf(user: string): Subject {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):(.+)$/.exec(user) ?? [];
  if (namespace && name) return { kind: 'ServiceAccount', namespace, name };
  return { apiGroup: rbacGroup, kind: 'User', name: user };
}
