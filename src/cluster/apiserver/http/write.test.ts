import { describe, expect, it } from 'vitest';
import { TestServer, useApiServer } from '../../../../test/support/api-server.ts';

const server = useApiServer();
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';

describe('optimistic concurrency', () => {
  it('of concurrent read-modify-writes none is lost', async () => {
    await using own = await TestServer.start();
    await own.call(CONFIGMAPS, {
      method: 'POST',
      body: { metadata: { name: 'counter' }, data: { n: '0' } },
    });
    const increment = async (): Promise<void> => {
      for (;;) {
        const { body } = await own.call(`${CONFIGMAPS}/counter`);
        body.data.n = String(Number(body.data.n) + 1);
        const { status } = await own.call(`${CONFIGMAPS}/counter`, { method: 'PUT', body });
        if (status === 200) return;
        expect(status).toBe(409);
      }
    };
    await Promise.all(Array.from({ length: 12 }, increment));
    expect((await own.call(`${CONFIGMAPS}/counter`)).body.data.n).toBe('12');
  });

  it('a write that says nothing new makes no revision', async () => {
    const created = await server().call(CONFIGMAPS, {
      method: 'POST',
      body: { metadata: { name: 'same' }, data: { a: 'b' } },
    });
    const patched = await server().call(`${CONFIGMAPS}/same`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { data: { a: 'b' } },
    });
    expect(patched.body.metadata.resourceVersion).toBe(created.body.metadata.resourceVersion);
  });
});

describe('writes', () => {
  it('dry-run answers as if, and stores nothing', async () => {
    const answer = await server().call(`${CONFIGMAPS}?dryRun=All`, {
      method: 'POST',
      body: { metadata: { name: 'dry' } },
    });
    expect(answer.status).toBe(201);
    expect(answer.body.metadata.uid).toBeTruthy();
    expect(answer.body.metadata.resourceVersion).toBeUndefined();
    expect((await server().call(`${CONFIGMAPS}/dry`)).status).toBe(404);
  });

  it('records who wrote, from fieldManager or the User-Agent', async () => {
    const body = { metadata: { generateName: 'managed-' }, data: { a: 'b' } };
    const named = await server().call(`${CONFIGMAPS}?fieldManager=me`, { method: 'POST', body });
    const unnamed = await server().call(CONFIGMAPS, { method: 'POST', body });
    expect(named.body.metadata.managedFields[0].manager).toBe('me');
    expect(unnamed.body.metadata.managedFields[0].manager).toBe('test');
    expect(named.body.metadata.name).toMatch(/^managed-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('server-side apply creates with 201 and changes with 200', async () => {
    const apply = (data: Record<string, string>) =>
      server().call(`${CONFIGMAPS}/applied?fieldManager=me`, {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data },
      });
    expect((await apply({ a: '1', b: '1' })).status).toBe(201);
    const second = await apply({ a: '2' });
    expect(second.status).toBe(200);
    expect(second.body.data).toEqual({ a: '2' });
  });

  it('scale goes through its own kind and back', async () => {
    const path = '/apis/apps/v1/namespaces/default/deployments';
    await server().call(path, {
      method: 'POST',
      body: {
        metadata: { name: 'web' },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { containers: [{ name: 'c', image: 'x' }] },
          },
        },
      },
    });
    const scale = await server().call(`${path}/web/scale`);
    expect(scale.body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=web' },
    });
    const patched = await server().call(`${path}/web/scale`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { spec: { replicas: 5 } },
    });
    expect(patched.body.spec.replicas).toBe(5);
    const { body } = await server().call(`${path}/web`);
    expect([body.spec.replicas, body.metadata.generation]).toEqual([5, 2]);
  });

  it('status and spec are written apart', async () => {
    const path = '/api/v1/namespaces/default/services/split';
    await server().call('/api/v1/namespaces/default/services', {
      method: 'POST',
      body: { metadata: { name: 'split' }, spec: { ports: [{ port: 80 }] } },
    });
    const status = { loadBalancer: { ingress: [{ ip: '10.1.1.1' }] } };
    const patch = (at: string) =>
      server().call(at, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { spec: { sessionAffinity: 'ClientIP' }, status },
      });
    const main = (await patch(path)).body;
    expect([main.spec.sessionAffinity, main.status]).toEqual(['ClientIP', { loadBalancer: {} }]);
    await server().call(path, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { spec: { sessionAffinity: 'None', sessionAffinityConfig: null } },
    });
    const below = (await patch(`${path}/status`)).body;
    expect(below.spec.sessionAffinity).toBe('None');
    expect(below.status.loadBalancer.ingress[0].ip).toBe('10.1.1.1');
  });

  it('one event is read in both of its versions', async () => {
    await server().call('/api/v1/namespaces/default/events', {
      method: 'POST',
      body: {
        metadata: { name: 'e' },
        involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
        reason: 'Started',
        message: 'it runs',
        type: 'Normal',
      },
    });
    const { body } = await server().call('/apis/events.k8s.io/v1/namespaces/default/events/e');
    expect(body).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      note: 'it runs',
      regarding: { name: 'p' },
    });
  });
});

it('a binding makes nobody the manager of a field', async () => {
  await using own = await TestServer.start();
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } };
  await own.call('/api/v1/namespaces/default/pods', { method: 'POST', body: pod });
  await own.call('/api/v1/namespaces/default/pods/p/binding', {
    method: 'POST',
    body: { metadata: { name: 'p' }, target: { kind: 'Node', name: 'node1' } },
  });
  const { spec, metadata } = (await own.call('/api/v1/namespaces/default/pods/p')).body;
  expect(spec.nodeName).toBe('node1');
  expect(metadata.managedFields.map(({ manager }: { manager: string }) => manager)).toEqual([
    'test',
  ]);
});

describe('deletion', () => {
  const PODS = '/api/v1/namespaces/default/pods';
  const bound = async (own: TestServer, name: string) => {
    await own.call(PODS, {
      method: 'POST',
      body: { metadata: { name }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    });
    await own.call(`${PODS}/${name}/binding`, {
      method: 'POST',
      body: { metadata: { name }, target: { kind: 'Node', name: 'node1' } },
    });
  };

  it('of a Pod on a node waits for the kubelet; a second one may shorten the time', async () => {
    await using own = await TestServer.start();
    await bound(own, 'p');
    const first = await own.call(`${PODS}/p`, { method: 'DELETE' });
    expect(first.body.metadata.deletionGracePeriodSeconds).toBe(30);
    const longer = await own.call(`${PODS}/p?gracePeriodSeconds=60`, { method: 'DELETE' });
    expect(longer.body.metadata.deletionTimestamp).toBe(first.body.metadata.deletionTimestamp);
    const shorter = await own.call(`${PODS}/p?gracePeriodSeconds=5`, { method: 'DELETE' });
    expect(shorter.body.metadata.deletionGracePeriodSeconds).toBe(5);
    await own.call(`${PODS}/p`, { method: 'DELETE', body: { gracePeriodSeconds: 0 } });
    expect((await own.call(`${PODS}/p`)).status).toBe(404);
  });

  it('of a Pod on no node is at once', async () => {
    await using own = await TestServer.start();
    own.api.create('pods', {
      metadata: { name: 'p', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    });
    expect((await own.call(`${PODS}/p`, { method: 'DELETE' })).body.kind).toBe('Pod');
    expect((await own.call(`${PODS}/p`)).status).toBe(404);
  });

  it('waits for finalizers, and is done with the last of them', async () => {
    const path = `${CONFIGMAPS}/held`;
    await server().call(CONFIGMAPS, {
      method: 'POST',
      body: { metadata: { name: 'held', finalizers: ['a.b/c'] } },
    });
    const marked = await server().call(path, { method: 'DELETE' });
    expect(marked.body.metadata.deletionTimestamp).toBeTruthy();
    await server().call(path, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    expect((await server().call(path)).status).toBe(404);
  });

  it.each([
    ['Foreground', 'foregroundDeletion'],
    ['Orphan', 'orphan'],
  ])('%s leaves the order to the garbage collector', async (propagationPolicy, finalizer) => {
    const name = finalizer.toLowerCase();
    await server().call(CONFIGMAPS, { method: 'POST', body: { metadata: { name } } });
    const answer = await server().call(`${CONFIGMAPS}/${name}`, {
      method: 'DELETE',
      body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy },
    });
    expect(answer.body.metadata.finalizers).toEqual([finalizer]);
  });

  it('refuses when the object is another by now', async () => {
    await server().call(CONFIGMAPS, { method: 'POST', body: { metadata: { name: 'guarded' } } });
    const answer = await server().call(`${CONFIGMAPS}/guarded`, {
      method: 'DELETE',
      body: { preconditions: { uid: 'other' } },
    });
    expect(answer.status).toBe(409);
    expect(answer.body.message).toMatch(
      /^Operation cannot be fulfilled on configmaps "guarded": Precondition failed: UID in precondition: other, UID in object meta: /,
    );
  });

  it('of a collection takes what is selected', async () => {
    await using own = await TestServer.start();
    for (const [name, x] of [
      ['a', '1'],
      ['b', '1'],
      ['c', '2'],
    ]) {
      await own.call(CONFIGMAPS, { method: 'POST', body: { metadata: { name, labels: { x } } } });
    }
    const answer = await own.call(`${CONFIGMAPS}?labelSelector=x%3D1`, { method: 'DELETE' });
    expect(answer.body.items).toHaveLength(2);
    expect((await own.call(CONFIGMAPS)).body.items).toHaveLength(1);
  });

  it('spares the namespaces that every cluster needs', async () => {
    const answer = await server().call('/api/v1/namespaces/default', { method: 'DELETE' });
    expect(answer.status).toBe(403);
    expect(answer.body.message).toBe(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });

  it('by eviction respects a disruption budget', async () => {
    await using own = await TestServer.start();
    await bound(own, 'p');
    const { api } = own;
    const key = { namespace: 'default', name: 'p' };
    api.patch('pods', key, { metadata: { labels: { app: 'web' } } }, { type: 'merge' });
    const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    api.patch('pods', key, { status: ready }, { type: 'merge', subresource: 'status' });
    api.create('poddisruptionbudgets', {
      metadata: { name: 'b', namespace: 'default' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    });
    const evict = () =>
      own.call(`${PODS}/p/eviction`, {
        method: 'POST',
        body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } },
      });
    const report = (disruptionsAllowed: number) =>
      api.patch(
        'poddisruptionbudgets',
        { namespace: 'default', name: 'b' },
        {
          status: {
            disruptionsAllowed,
            currentHealthy: 1,
            desiredHealthy: 1,
            observedGeneration: 1,
          },
        },
        { type: 'merge', subresource: 'status' },
      );
    expect((await evict()).headers['retry-after']).toBe('10');
    report(0);
    const refused = await evict();
    expect(refused.status).toBe(429);
    expect(refused.body.details.causes).toEqual([
      {
        reason: 'DisruptionBudget',
        message: 'The disruption budget b needs 1 healthy pods and has 1 currently',
      },
    ]);
    report(1);
    expect((await evict()).status).toBe(201);
    const { body } = await own.call(`${PODS}/p`);
    expect(body.metadata.deletionTimestamp).toBeTruthy();
    expect(body.status.conditions.at(-1).reason).toBe('EvictionByEvictionAPI');
  });
});

describe('namespaces', () => {
  it('take nothing new while they go, and go when they are finalized', async () => {
    await using own = await TestServer.start();
    await own.call('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'x' } } });
    const marked = await own.call('/api/v1/namespaces/x', { method: 'DELETE' });
    expect(marked.body.status.phase).toBe('Terminating');
    const refused = await own.call('/api/v1/namespaces/x/configmaps', {
      method: 'POST',
      body: { metadata: { name: 'late' } },
    });
    expect(refused.status).toBe(403);
    expect(refused.body.message).toBe(
      'configmaps "late" is forbidden: unable to create new content in namespace x because it is being terminated',
    );
    marked.body.spec.finalizers = [];
    await own.call('/api/v1/namespaces/x/finalize', { method: 'PUT', body: marked.body });
    expect((await own.call('/api/v1/namespaces/x')).status).toBe(404);
    const missing = await own.call('/api/v1/namespaces/x/configmaps', {
      method: 'POST',
      body: { metadata: { name: 'late' } },
    });
    expect([missing.status, missing.body.message]).toEqual([404, 'namespaces "x" not found']);
  });
});

describe('access', () => {
  it('needs the token, for health and version as well', async () => {
    const headers = { authorization: 'Bearer wrong' };
    for (const path of ['/api/v1/namespaces', '/readyz', '/version']) {
      const refused = await server().call(path, { headers });
      expect([refused.status, refused.body.message]).toEqual([401, 'Unauthorized']);
    }
    expect((await server().call('/readyz')).text).toBe('ok');
    expect((await server().call('/version')).body.minor).toBe('36');
  });

  it('warns whoever uses Endpoints', async () => {
    const { headers } = await server().call('/api/v1/namespaces/default/endpoints');
    expect(headers.warning).toBe(
      '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
    );
  });
});
