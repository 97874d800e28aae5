import { recordUpdate } from '../machinery/index.ts';
import type { Access } from './auth/access.ts';
import { answerAccessReview } from './auth/reviews/access-review.ts';
import { answerRulesReview } from './auth/reviews/rules-review.ts';
import { answerTokenReview } from './auth/reviews/token-review.ts';
import type { User } from './auth/user.ts';
import { apiVersionOf, type Resource } from './resources/resource.ts';
import type { Draft } from './strategy/strategy.ts';

const REVIEW_GROUPS = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

/** Reviews are questions: they are answered, not stored. */
export function isReview({ group }: Resource): boolean {
  return REVIEW_GROUPS.has(group);
}

export interface ReviewOptions {
  readonly access: Access;
  /** Who asks. */
  readonly user: User;
  readonly namespace: string | undefined;
  readonly manager: string;
  /** Now, RFC 3339. */
  readonly time: string;
}

/** The review with its `status` filled in; throws 400 or 422 for a question that cannot be answered. */
export function answerReview(resource: Resource, review: object, options: ReviewOptions): object {
  const { namespace, manager, time } = options;
  const managedFields = recordUpdate({
    gvk: resource,
    live: undefined,
    next: review,
    manager,
    time,
  });
  const { metadata: { name } = {} } = review as Partial<Draft>;
  return {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    ...review,
    metadata: {
      ...(name && { name }),
      ...(namespace !== undefined && { namespace }),
      ...(resource.kind === 'SelfSubjectReview' && { creationTimestamp: time }),
      ...(managedFields.length > 0 && { managedFields }),
    },
    status: statusOf(resource.kind, review, options),
  };
}

function statusOf(
  kind: string,
  review: object,
  { access: { authenticator, authorizer }, user, namespace }: ReviewOptions,
): object {
  switch (kind) {
    case 'SelfSubjectReview':
      return { userInfo: user };
    case 'TokenReview':
      return answerTokenReview(review, authenticator);
    case 'SelfSubjectRulesReview':
      return answerRulesReview(review, user, authorizer);
    default:
      return answerAccessReview(review, { kind, asker: user, authorizer, namespace });
  }
}
