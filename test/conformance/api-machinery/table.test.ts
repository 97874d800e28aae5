import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';

conformance(
  '[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata',
  async (c) => {
    const answer = await c.api.raw(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      {
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { nonResourceAttributes: { path: '/', verb: 'get' } },
        },
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      },
    );
    expect(answer.code).toBe(406);
    expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', code: 406 });
  },
);
