import type { PolicyRule } from 'kubernetes-types/rbac/v1.js';
import { badRequest } from '../../words.ts';
import { aggregate, type Authorizer } from '../rbac/authorizer.ts';
import type { User } from '../user.ts';

/** `status` of a SelfSubjectRulesReview: what `kubectl auth can-i --list` shows. */
export function answerRulesReview(review: object, user: User, authorizer: Authorizer): object {
  const { spec } = review as { readonly spec?: { readonly namespace?: string } };
  if (!spec?.namespace) throw badRequest('no namespace on request');
  const { rules, errors } = authorizer.grantsOf(user, spec.namespace);
  return {
    resourceRules: rules.filter(({ resources }) => resources?.length).map(resourceRule),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
    ...(errors.length > 0 && { evaluationError: aggregate(errors) }),
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): object {
  return {
    verbs,
    apiGroups,
    resources,
    ...(resourceNames?.length && { resourceNames }),
  };
}
