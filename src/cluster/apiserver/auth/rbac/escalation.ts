import { isDeepStrictEqual } from 'node:util';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
} from 'kubernetes-types/rbac/v1.js';
import type { Resource } from '../../resources/resource.ts';
import type { Draft } from '../../strategy/strategy.ts';
import { forbidden, notFound } from '../../words.ts';
import { quoted } from '../quoted.ts';
import { MASTERS, type User } from '../user.ts';
import { aggregate, type Authorizer } from './authorizer.ts';
import { describeRules, missingRules } from './rules.ts';

export interface Grantor {
  readonly user: User;
  readonly authorizer: Authorizer;
}

const GROUP = 'rbac.authorization.k8s.io';
const EVERYTHING: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/** Nobody gives away what he does not have: throws 403 for a role or binding that would, unless the verb `escalate` or `bind` allows it. */
export function forbidEscalation(
  grantor: Grantor,
  resource: Resource,
  { draft, previous }: { readonly draft: Draft; readonly previous?: Draft },
): void {
  if (resource.group !== GROUP || grantor.user.groups.includes(MASTERS)) return;
  if (previous && isOnlyForDeletion(draft, previous)) return;
  if (resource.plural === 'roles' || resource.plural === 'clusterroles') {
    checkRole(grantor, resource, draft, previous);
  } else {
    checkBinding(grantor, resource, draft);
  }
}

/** The garbage collector's business: no right changes hands. */
function isOnlyForDeletion(draft: Draft, previous: Draft): boolean {
  const bare = ({ metadata, ...rest }: Draft): object => {
    const {
      ownerReferences: _owners,
      finalizers: _held,
      managedFields: _fields,
      ...kept
    } = metadata;
    return { metadata: kept, ...rest };
  };
  return isDeepStrictEqual(bare(draft), bare(previous));
}

function checkRole(
  grantor: Grantor,
  resource: Resource,
  draft: Draft,
  previous: Draft | undefined,
): void {
  const role = draft as unknown as Role & ClusterRole;
  const before = previous as unknown as (Role & ClusterRole) | undefined;
  const { namespace = '', name = '' } = draft.metadata;
  const asked = { group: GROUP, resource: resource.plural, subresource: '', namespace, name };
  if (grantor.authorizer.authorize(grantor.user, { verb: 'escalate', ...asked }).isAllowed) return;
  if (
    before &&
    isDeepStrictEqual(before.rules, role.rules) &&
    isDeepStrictEqual(before.aggregationRule, role.aggregationRule)
  ) {
    return;
  }
  requireHeld(grantor, resource, draft, role.rules ?? []);
  if (role.aggregationRule?.clusterRoleSelectors?.length) {
    const { rules } = grantor.authorizer.grantsOf(grantor.user, namespace);
    if (missingRules(rules, EVERYTHING).length > 0) {
      throw forbidden(
        resource,
        name,
        'must have cluster-admin privileges to use an aggregationRule',
      );
    }
  }
}

function checkBinding(grantor: Grantor, resource: Resource, draft: Draft): void {
  const { roleRef } = draft as unknown as RoleBinding | ClusterRoleBinding;
  const { namespace = '' } = draft.metadata;
  // Nothing to look up: validation says so in a moment.
  if (!isReference(roleRef)) return;
  const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
  const mayBind = grantor.authorizer.authorize(grantor.user, {
    verb: 'bind',
    group: GROUP,
    resource: plural,
    subresource: '',
    namespace,
    name: roleRef.name,
  }).isAllowed;
  if (mayBind) return;
  const rules = grantor.authorizer.rulesOf(roleRef, namespace);
  if (!rules) throw notFound({ group: GROUP, plural }, roleRef.name);
  requireHeld(grantor, resource, draft, rules);
}

function isReference(roleRef: RoleRef | undefined): roleRef is RoleRef {
  return (
    roleRef !== undefined &&
    roleRef.name !== '' &&
    (roleRef.kind === 'Role' || roleRef.kind === 'ClusterRole')
  );
}

function requireHeld(
  { user, authorizer }: Grantor,
  resource: Resource,
  { metadata }: Draft,
  wanted: readonly PolicyRule[],
): void {
  const { rules, errors } = authorizer.grantsOf(user, metadata.namespace ?? '');
  const missing = missingRules(rules, wanted);
  if (missing.length === 0) return;
  const resolution = errors.length > 0 ? `; resolution errors: [${aggregate(errors)}]` : '';
  throw forbidden(
    resource,
    metadata.name ?? '',
    `user ${JSON.stringify(user.username)} (groups=${quoted(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${describeRules(missing).join('\n')}${resolution}`,
  );
}
