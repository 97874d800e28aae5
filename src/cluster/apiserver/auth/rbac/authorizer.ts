import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from 'kubernetes-types/rbac/v1.js';
import { keyOf, type Store } from '../../../store/index.ts';
import type { Attributes } from '../attributes.ts';
import { MASTERS, serviceAccountUsername, type User } from '../user.ts';
import { ruleAllows } from './rules.ts';

interface Decision {
  readonly isAllowed: boolean;
  /** Which binding allowed it, or which role could not be found; '' when there is nothing to say. */
  readonly reason: string;
}

/** What a user may do in a namespace, and what stood in the way of finding out. */
interface Grants {
  readonly rules: readonly PolicyRule[];
  readonly errors: readonly string[];
}

export interface Authorizer {
  authorize(user: User, asked: Attributes): Decision;
  /** `namespace` '' = the cluster-wide rules only. */
  grantsOf(user: User, namespace: string): Grants;
  /** The rules of a role that a binding refers to; undefined when there is no such role. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined;
}

const RBAC_KINDS = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'] as const;
/** Users × namespaces; far more than one cluster's tests have. */
const MAX_REMEMBERED = 5000;
const ALLOWED: Decision = { isAllowed: true, reason: '' };

/** RBAC over the roles and bindings in the store, as they are at each moment. */
export function createAuthorizer(store: Store): Authorizer {
  const remembered = new Map<string, readonly Grant[]>();
  for (const kind of RBAC_KINDS) store.collection(kind).subscribe(() => remembered.clear());

  function grants(user: User, namespace: string): readonly Grant[] {
    const key = JSON.stringify([user.username, user.groups, namespace]);
    let found = remembered.get(key);
    if (!found) {
      found = findGrants(store, user, namespace);
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(key, found);
    }
    return found;
  }

  return {
    authorize(user, asked) {
      if (user.groups.includes(MASTERS)) return ALLOWED;
      const errors: string[] = [];
      for (const { source, rules, error } of grants(user, 'path' in asked ? '' : asked.namespace)) {
        if (error !== undefined) errors.push(error);
        else if (rules.some((rule) => ruleAllows(rule, asked))) {
          return { isAllowed: true, reason: `RBAC: allowed by ${source}` };
        }
      }
      return { isAllowed: false, reason: errors.length > 0 ? `RBAC: ${aggregate(errors)}` : '' };
    },
    grantsOf(user, namespace) {
      const found = grants(user, namespace);
      return {
        rules: found.flatMap(({ rules }) => rules),
        errors: found.flatMap(({ error }) => error ?? []),
      };
    },
    rulesOf: (roleRef, namespace) => rulesOf(store, roleRef, namespace),
  };
}

/** As Go joins errors, each once. */
export function aggregate(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}

interface Grant {
  /** `RoleBinding "edit-pods/shop" of Role "edit-pods" to User "jane"` */
  readonly source: string;
  readonly rules: readonly PolicyRule[];
  readonly error?: string;
}

function findGrants(store: Store, user: User, namespace: string): Grant[] {
  const bindings = [
    ...store.collection('clusterrolebindings').entries(),
    ...(namespace === '' ? [] : store.collection('rolebindings').entries(namespace)),
  ];
  return bindings.flatMap(({ object }): Grant[] => {
    const { kind, metadata, roleRef, subjects } = object as ClusterRoleBinding | RoleBinding;
    const home = metadata?.namespace ?? '';
    const subject = subjects?.find((one) => appliesTo(one, user, home));
    if (!subject) return [];
    const name = home === '' ? metadata?.name : `${metadata?.name}/${home}`;
    const source = `${kind} "${name}" of ${roleRef.kind} "${roleRef.name}" to ${described(subject, home)}`;
    const rules = rulesOf(store, roleRef, home);
    if (rules) return [{ source, rules }];
    const what = `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io`;
    return [{ source, rules: [], error: `${what} "${roleRef.name}" not found` }];
  });
}

function rulesOf(
  store: Store,
  roleRef: RoleRef,
  namespace: string,
): readonly PolicyRule[] | undefined {
  const entry =
    roleRef.kind === 'Role'
      ? store.collection('roles').get(keyOf(namespace, roleRef.name))
      : store.collection('clusterroles').get(keyOf(undefined, roleRef.name));
  if (!entry) return undefined;
  return (entry.object as Role | ClusterRole).rules ?? [];
}

function appliesTo({ kind, name, namespace }: Subject, user: User, home: string): boolean {
  switch (kind) {
    case 'User':
      return user.username === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount': {
      const at = namespace ?? home;
      return at !== '' && user.username === serviceAccountUsername({ namespace: at, name });
    }
    default:
      return false;
  }
}

function described({ kind, name, namespace }: Subject, home: string): string {
  return kind === 'ServiceAccount' ? `${kind} "${name}/${namespace ?? home}"` : `${kind} "${name}"`;
}
