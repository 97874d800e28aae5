import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { describe, expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';
import { generateCertificates, issueClientCertificate } from '../index.ts';

const server = useApiServer({
  users: {
    'janes-token': { username: 'jane', groups: ['devs', 'system:authenticated'] },
    'joes-token': { username: 'joe', groups: ['system:authenticated'] },
  },
});

const jane = { authorization: 'Bearer janes-token' };
const joe = { authorization: 'Bearer joes-token' };
const PODS = '/api/v1/namespaces/default/pods';

const call = async (path: string, headers: Record<string, string>, method = 'GET') => {
  const { status, body } = await server().call(path, { method, headers });
  return [status, body.message] as const;
};

/** A role in `default` and its binding; returns what takes both away again. */
function grant(name: string, rules: readonly object[], subjects: readonly object[]): Disposable {
  const { api } = server();
  const apiGroup = 'rbac.authorization.k8s.io';
  const metadata = { name, namespace: 'default' };
  api.create('roles', { metadata, rules });
  api.create('rolebindings', {
    metadata,
    roleRef: { apiGroup, kind: 'Role', name },
    subjects,
  });
  return {
    [Symbol.dispose]: () => {
      api.delete('rolebindings', metadata);
      api.delete('roles', metadata);
    },
  };
}

describe('without a credential of this cluster', () => {
  it.each([
    ['none at all', { authorization: '' }],
    ['a token of somebody else', { authorization: 'Bearer x' }],
    ['the right token by another scheme', { authorization: 'Basic a-token-for-tests' }],
    ['a token signed by nobody', { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
  ])('%s gets nothing', async (_, headers) => {
    const paths = [
      PODS,
      '/healthz',
      '/version',
      '/api',
      '/openapi/v3',
      '/nowhere',
      '/openid/v1/jwks',
    ];
    for (const path of paths) expect(await call(path, headers)).toEqual([401, 'Unauthorized']);
  });

  it('an impersonation header changes nothing', async () => {
    const headers = { authorization: '', 'impersonate-user': 'kubernetes-admin' };
    expect(await call(PODS, headers)).toEqual([401, 'Unauthorized']);
  });
});

describe('a client certificate', () => {
  const whoami = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

  async function ask(certificate: { cert: string; key: string }, agent?: Agent) {
    const sent = request({
      host: '127.0.0.1',
      port: server().port,
      path: whoami,
      method: 'POST',
      ca: server().ca,
      ...certificate,
      agent: agent ?? false,
      headers: { 'content-type': 'application/json', 'content-length': 2 },
    });
    sent.end('{}');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      status: response.statusCode,
      body: JSON.parse(Buffer.concat(chunks).toString()),
    };
  }

  it('signed by the cluster says who its owner is', async () => {
    const identity = { username: 'jane', groups: ['devs', 'ops'] };
    const { status, body } = await ask(
      await issueClientCertificate(server().certificates, identity),
    );
    expect(status).toBe(201);
    expect(body.status.userInfo).toEqual({
      username: 'jane',
      groups: ['devs', 'ops', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [
          expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/),
        ],
      },
    });
  });

  it('signed by anybody else is none', async () => {
    const others = await generateCertificates();
    const forged = await issueClientCertificate(others, {
      username: 'kubernetes-admin',
      groups: ['system:masters'],
    });
    expect((await ask(forged)).status).toBe(401);
  });

  it("the server's own is not a client's", async () => {
    const { cert, key } = server().certificates;
    expect((await ask({ cert, key })).status).toBe(401);
  });

  it('a session resumed without one is nobody', async () => {
    // TLS sessions are kept per agent, and each request has a connection of its own.
    const agent = new Agent({ keepAlive: false, maxCachedSessions: 10 });
    const statuses: unknown[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const sent = request({
        host: '127.0.0.1',
        port: server().port,
        path: '/version',
        ca: server().ca,
        agent,
      });
      sent.end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      statuses.push(response.statusCode);
    }
    expect(statuses).toEqual([401, 401, 401]);
    agent.destroy();
  });
});

describe('roles', () => {
  it('a user without any may only ask about himself', async () => {
    const refused = (what: string) => [403, what];
    expect(await call(PODS, joe)).toEqual(
      refused(
        'pods is forbidden: User "joe" cannot list resource "pods" in API group "" in the namespace "default"',
      ),
    );
    expect(await call(`${PODS}/web?watch=false`, joe, 'DELETE')).toEqual(
      refused(
        'pods "web" is forbidden: User "joe" cannot delete resource "pods" in API group "" in the namespace "default"',
      ),
    );
    expect(await call('/apis/apps/v1/deployments', joe)).toEqual(
      refused(
        'deployments.apps is forbidden: User "joe" cannot list resource "deployments" in API group "apps" at the cluster scope',
      ),
    );
    expect(await call(`${PODS}/web/exec`, joe, 'POST')).toEqual(
      refused(
        'pods "web" is forbidden: User "joe" cannot create resource "pods/exec" in API group "" in the namespace "default"',
      ),
    );
    expect(await call('/metrics', joe)).toEqual(
      refused('forbidden: User "joe" cannot get path "/metrics"'),
    );
    for (const path of ['/version', '/api', '/apis', '/healthz', '/openapi/v3']) {
      expect((await call(path, joe))[0]).toBe(200);
    }
  });

  it('says no before it says whether there is such a thing', async () => {
    expect((await call('/apis/apps/v1/namespaces/default/dinosaurs', joe))[0]).toBe(403);
    expect((await call('/api/v1/namespaces/nowhere', joe))[1]).toBe(
      'namespaces "nowhere" is forbidden: User "joe" cannot get resource "namespaces" in API group "" in the namespace "nowhere"',
    );
  });

  it('are looked up at every request', async () => {
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }];
    {
      using _ = grant('lister', rules, [{ kind: 'User', name: 'joe' }]);
      expect((await call(PODS, joe))[0]).toBe(200);
      expect((await call(`${PODS}?watch=true`, joe))[0]).toBe(403);
      expect((await call('/api/v1/namespaces/kube-system/pods', joe))[0]).toBe(403);
      expect((await call(PODS, jane))[0]).toBe(403);
    }
    expect((await call(PODS, joe))[0]).toBe(403);
  });

  it('may name the objects they are about', async () => {
    const rules = [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'], verbs: ['get', 'list'] },
    ];
    using _ = grant('one', rules, [{ kind: 'Group', name: 'devs' }]);
    const maps = '/api/v1/namespaces/default/configmaps';
    expect((await call(`${maps}/a`, jane))[0]).toBe(404);
    expect((await call(`${maps}/b`, jane))[0]).toBe(403);
    expect((await call(maps, jane))[0]).toBe(403);
    const selecting = (selector: string) =>
      call(`${maps}?fieldSelector=${encodeURIComponent(selector)}`, jane);
    expect((await selecting('metadata.name=a'))[0]).toBe(200);
    for (const other of [
      'metadata.name!=a',
      'metadata.name=b',
      'metadata.namespace!=x\\,metadata.name=a',
    ]) {
      expect((await selecting(other))[0]).toBe(403);
    }
  });

  it('a binding to a role that is not there is named', async () => {
    const { api } = server();
    const metadata = { name: 'dangling', namespace: 'default' };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'gone' };
    api.create('rolebindings', {
      metadata,
      roleRef,
      subjects: [{ kind: 'User', name: 'joe' }],
    });
    expect((await call(PODS, joe))[1]).toMatch(
      /in the namespace "default": RBAC: role\.rbac\.authorization\.k8s\.io "gone" not found$/,
    );
    api.delete('rolebindings', metadata);
  });
});

describe('impersonation', () => {
  const admin = () => ({ authorization: `Bearer ${server().token}` });

  it('the administrator may be anybody', async () => {
    const headers = { ...admin(), 'impersonate-user': 'joe', 'impersonate-group': 'devs' };
    expect((await call(PODS, headers))[1]).toMatch(/^pods is forbidden: User "joe" cannot list/);
    const { body } = await server().call('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      body: {},
      headers: {
        ...headers,
        'impersonate-uid': '42',
        'impersonate-extra-acme.com%2Fproject': 'some-project',
      },
    });
    expect(body.status.userInfo).toEqual({
      username: 'joe',
      uid: '42',
      groups: ['devs', 'system:authenticated'],
      extra: { 'acme.com/project': ['some-project'] },
    });
  });

  it('a service account comes with its groups', async () => {
    const { body } = await server().call('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      method: 'POST',
      body: {},
      headers: { 'impersonate-user': 'system:serviceaccount:shop:web' },
    });
    expect(body.status.userInfo.groups).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:shop',
      'system:authenticated',
    ]);
  });

  it('needs a user to be impersonated', async () => {
    const [status] = await call(PODS, { ...admin(), 'impersonate-group': 'system:masters' });
    expect(status).toBe(400);
  });

  it('needs the verb, on each part of the identity', async () => {
    expect(await call(PODS, { ...joe, 'impersonate-user': 'kubernetes-admin' })).toEqual([
      403,
      'users "kubernetes-admin" is forbidden: User "joe" cannot impersonate resource "users" in API group "" at the cluster scope',
    ]);
    const { api } = server();
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'actor' };
    const rules = [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] }];
    api.create('clusterroles', { metadata: { name: 'actor' }, rules });
    api.create('clusterrolebindings', {
      metadata: { name: 'actor' },
      roleRef,
      subjects: [{ kind: 'User', name: 'joe' }],
    });
    expect((await call('/version', { ...joe, 'impersonate-user': 'jane' }))[0]).toBe(200);
    expect(
      (
        await call('/version', {
          ...joe,
          'impersonate-user': 'jane',
          'impersonate-group': 'system:masters',
        })
      )[1],
    ).toBe(
      'groups "system:masters" is forbidden: User "joe" cannot impersonate resource "groups" in API group "" at the cluster scope',
    );
    api.delete('clusterrolebindings', { name: 'actor' });
  });
});
