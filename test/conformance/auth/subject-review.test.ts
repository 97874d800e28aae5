import type {
  LocalSubjectAccessReview,
  SubjectAccessReview,
} from 'kubernetes-types/authorization/v1.js';
import type { ServiceAccount } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';

conformance('[sig-auth] SubjectReview should support SubjectReview API operations', async (c) => {
  const { namespace } = c;
  const account = await c
    .in<ServiceAccount>('v1', 'serviceaccounts')
    .create({ metadata: { name: 'e2e' } });
  const user = `system:serviceaccount:${namespace}:e2e`;
  const groups = [
    'system:authenticated',
    'system:serviceaccounts',
    `system:serviceaccounts:${namespace}`,
  ];
  const { uid } = account.metadata;
  const resourceAttributes = { verb: 'list', resource: 'configmaps', namespace, version: 'v1' };

  const review = await c
    .all<SubjectAccessReview>('authorization.k8s.io/v1', 'subjectaccessreviews')
    .create({ spec: { resourceAttributes, user, groups, uid } });

  // One header for each group, which a query of the usual form cannot say.
  const answer = await c.api.raw('GET', `/api/v1/namespaces/${namespace}/configmaps`, {
    headers: {
      'impersonate-user': user,
      'impersonate-uid': uid,
      'impersonate-group': groups,
    },
  });
  expect([200, 403]).toContain(answer.code);
  const isAllowed = answer.code === 200;
  expect(review.status.allowed).toBe(isAllowed);

  const local = await c
    .in<LocalSubjectAccessReview>('authorization.k8s.io/v1', 'localsubjectaccessreviews')
    .create({ metadata: { namespace }, spec: { resourceAttributes, user: 'e2e', groups, uid } });
  expect(local.status.allowed).toBe(isAllowed);
});
