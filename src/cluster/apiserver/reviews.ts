import { recordUpdate } from '../machinery/index.ts';
import { apiVersionOf, type Resource } from './resources/resource.ts';

/** There is one user, and it may do everything: the token in the kubeconfig. */
const ADMIN = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
} as const;

const REVIEW_GROUPS = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

/** Reviews are questions: they are answered, not stored. */
export function isReview({ group }: Resource): boolean {
  return REVIEW_GROUPS.has(group);
}

/** The review with its `status` filled in. `time` is now, RFC 3339. */
export function answerReview(
  resource: Resource,
  review: object,
  { manager, time }: { readonly manager: string; readonly time: string },
): object {
  const managedFields = recordUpdate({
    gvk: resource,
    live: undefined,
    next: review,
    manager,
    time,
  });
  return {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    ...review,
    metadata: {
      ...(resource.kind === 'SelfSubjectReview' && { creationTimestamp: time }),
      ...(managedFields.length > 0 && { managedFields }),
    },
    status: statusOf(resource.kind, review),
  };
}

function statusOf(kind: string, review: object): object {
  switch (kind) {
    case 'SelfSubjectReview':
      return { userInfo: ADMIN };
    case 'TokenReview':
      return { authenticated: false };
    case 'SelfSubjectRulesReview':
      return {
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        incomplete: false,
      };
    default:
      return { allowed: isAllowed(kind, review) };
  }
}

/** Asked of somebody else, the answer is by the group, as the RBAC of every cluster says. */
function isAllowed(kind: string, review: object): boolean {
  if (kind === 'SelfSubjectAccessReview') return true;
  const { spec } = review as { spec?: { user?: string; groups?: readonly string[] } };
  return spec?.user === ADMIN.username || spec?.groups?.includes(ADMIN.groups[0]) === true;
}
