import { describe, expect, it } from 'vitest';
import { useApiServer } from '../../../../../test/support/api-server.ts';

const server = useApiServer({
  users: { joe: { username: 'joe', groups: ['system:authenticated'] } },
});

const GROUP = 'rbac.authorization.k8s.io';
const RBAC = `/apis/${GROUP}/v1`;
const headers = { authorization: 'Bearer joe' };

/** Joe may manage roles and bindings of `default`, and read Pods there. */
function letJoe(...rules: readonly object[]): void {
  const { api } = server();
  const metadata = { name: 'joe', namespace: 'default' };
  const own = [
    {
      apiGroups: [GROUP],
      resources: ['roles', 'rolebindings'],
      verbs: ['create', 'update', 'patch', 'get'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
  ];
  const role = { metadata, rules: [...own, ...rules] };
  if (api.get('roles', metadata)) {
    api.update('roles', role);
    return;
  }
  api.create('roles', role);
  const roleRef = { apiGroup: GROUP, kind: 'Role', name: 'joe' };
  api.create('rolebindings', { metadata, roleRef, subjects: [{ kind: 'User', name: 'joe' }] });
}

const post = async (plural: string, body: object) => {
  const answer = await server().call(`${RBAC}/namespaces/default/${plural}`, {
    method: 'POST',
    body,
    headers,
  });
  return [answer.status, answer.body.message] as const;
};

const roleOf = (name: string, ...rules: readonly object[]) => ({ metadata: { name }, rules });
const bindingOf = (name: string, kind: string, role: string) => ({
  metadata: { name },
  roleRef: { apiGroup: GROUP, kind, name: role },
  subjects: [{ kind: 'User', name: 'jane', apiGroup: GROUP }],
});

const READ_PODS = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
const READ_SECRETS = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] };

describe('whoever manages roles', () => {
  it('gives what he has', async () => {
    letJoe();
    expect((await post('roles', roleOf('readers', READ_PODS)))[0]).toBe(201);
    expect((await post('rolebindings', bindingOf('readers', 'Role', 'readers')))[0]).toBe(201);
  });

  it('does not give what he has not', async () => {
    letJoe();
    expect(await post('roles', roleOf('spies', READ_PODS, READ_SECRETS))).toEqual([
      403,
      `roles.rbac.authorization.k8s.io "spies" is forbidden: user "joe" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}`,
    ]);
    expect(await post('rolebindings', bindingOf('root', 'ClusterRole', 'cluster-admin'))).toEqual([
      403,
      `rolebindings.rbac.authorization.k8s.io "root" is forbidden: user "joe" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}`,
    ]);
    expect(await post('rolebindings', bindingOf('x', 'Role', 'nowhere'))).toEqual([
      404,
      'roles.rbac.authorization.k8s.io "nowhere" not found',
    ]);
  });

  it('changes a role only as far, by patch and apply as well', async () => {
    letJoe();
    const path = `${RBAC}/namespaces/default/roles/readers`;
    const patch = (contentType: string, body: unknown) =>
      server().call(`${path}?fieldManager=joe`, { method: 'PATCH', contentType, body, headers });
    const rules = [READ_SECRETS];
    expect((await patch('application/merge-patch+json', { rules })).status).toBe(403);
    const applied = { apiVersion: `${GROUP}/v1`, kind: 'Role', metadata: { name: 'spies' }, rules };
    const created = await server().call(`${RBAC}/namespaces/default/roles/spies?fieldManager=joe`, {
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      body: applied,
      headers,
    });
    expect(created.status).toBe(403);
    const labels = { metadata: { labels: { team: 'a' } } };
    expect((await patch('application/merge-patch+json', labels)).status).toBe(200);
  });

  it('gives anything with the verbs escalate and bind', async () => {
    letJoe({
      apiGroups: [GROUP],
      resources: ['roles', 'clusterroles'],
      verbs: ['escalate', 'bind'],
    });
    expect((await post('roles', roleOf('spies', READ_SECRETS)))[0]).toBe(201);
    expect((await post('rolebindings', bindingOf('spies', 'Role', 'spies')))[0]).toBe(201);
    expect((await post('rolebindings', bindingOf('root', 'ClusterRole', 'cluster-admin')))[0]).toBe(
      201,
    );
  });
});
