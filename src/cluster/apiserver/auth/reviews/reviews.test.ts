import { describe, expect, it } from 'vitest';
import { useApiServer } from '../../../../../test/support/api-server.ts';

const server = useApiServer({
  users: { joe: { username: 'joe', groups: ['system:authenticated'] } },
});

const AUTHORIZATION = '/apis/authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';

async function ask(path: string, spec: object, token?: string): Promise<any> {
  const { body } = await server().call(`${AUTHORIZATION}/${path}`, {
    method: 'POST',
    body: { spec },
    ...(token && { headers: { authorization: `Bearer ${token}` } }),
  });
  return body.status === 'Failure' ? body.message : body.status;
}

const LIST_PODS = { verb: 'list', resource: 'pods', namespace: 'default' };

describe('a review of access', () => {
  it('is about whom it names', async () => {
    const { api } = server();
    const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name: 'pod-readers' };
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
    api.create('clusterroles', { metadata: { name: 'pod-readers' }, rules });
    api.create('rolebindings', {
      metadata: { name: 'readers', namespace: 'default' },
      roleRef,
      subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }],
    });
    const user = 'system:serviceaccount:shop:web';
    expect(await ask('subjectaccessreviews', { user, resourceAttributes: LIST_PODS })).toEqual({
      allowed: true,
      reason:
        'RBAC: allowed by RoleBinding "readers/default" of ClusterRole "pod-readers" to ServiceAccount "web/shop"',
    });
    expect(
      await ask('subjectaccessreviews', { user: 'joe', resourceAttributes: LIST_PODS }),
    ).toEqual({ allowed: false });
    expect(
      await ask('subjectaccessreviews', {
        groups: ['system:masters'],
        nonResourceAttributes: { path: '/metrics', verb: 'get' },
      }),
    ).toEqual({ allowed: true });
  });

  it('of oneself is about whoever asks', async () => {
    const path = 'selfsubjectaccessreviews';
    expect(await ask(path, { resourceAttributes: LIST_PODS })).toEqual({ allowed: true });
    expect(await ask(path, { resourceAttributes: LIST_PODS }, 'joe')).toEqual({ allowed: false });
    expect(
      await ask(path, { nonResourceAttributes: { path: '/version', verb: 'get' } }, 'joe'),
    ).toMatchObject({ allowed: true });
  });

  it('that cannot be answered is refused', async () => {
    expect(await ask('selfsubjectaccessreviews', {})).toBe(
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
    expect(await ask('subjectaccessreviews', { resourceAttributes: LIST_PODS })).toBe(
      'SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
    );
    expect(
      await ask('namespaces/kube-system/localsubjectaccessreviews', {
        user: 'joe',
        resourceAttributes: LIST_PODS,
      }),
    ).toMatch(/spec\.resourceAttributes\.namespace: .* must match metadata\.namespace$/);
  });

  it('of others needs to be allowed itself', async () => {
    expect(
      await ask('subjectaccessreviews', { user: 'jane', resourceAttributes: LIST_PODS }, 'joe'),
    ).toMatch(/User "joe" cannot create resource "subjectaccessreviews"/);
  });
});

describe('a review of rules', () => {
  it('lists what may be done', async () => {
    expect(await ask('selfsubjectrulesreviews', { namespace: 'default' })).toEqual({
      resourceRules: expect.arrayContaining([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]),
      nonResourceRules: expect.arrayContaining([{ verbs: ['*'], nonResourceURLs: ['*'] }]),
      incomplete: false,
    });
    const { resourceRules } = await ask('selfsubjectrulesreviews', { namespace: 'default' }, 'joe');
    expect(resourceRules.map(({ resources }: { resources: string[] }) => resources)).toEqual([
      ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      ['selfsubjectreviews'],
    ]);
  });
});
