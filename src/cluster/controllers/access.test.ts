import type { ConfigMap, Secret } from 'kubernetes-types/core/v1.js';
import type { ClusterRole } from 'kubernetes-types/rbac/v1.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TestServer } from '../../../test/support/api-server.ts';
import { startControllers } from './index.ts';

async function start() {
  const server = await TestServer.start();
  const { api, issueSecretToken } = server.server;
  const controllers = startControllers({
    api,
    rootCa: server.ca,
    issueSecretToken,
    onError: (controller, key, error) => {
      throw new Error(`${controller} ${key}`, { cause: error });
    },
  });
  onTestFinished(async () => {
    await controllers[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  await settled();
  return server;
}

/** Controllers work in the turns of the event loop after a write. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('aggregated roles', () => {
  it('are the sum of their parts, nested, and follow them', async () => {
    const { api } = await start();
    const rulesOf = (name: string) =>
      (api.get<ClusterRole>('clusterroles', { name })?.rules ?? []).map(({ resources, verbs }) =>
        [resources?.join(), verbs.join()].join(' '),
      );
    expect(rulesOf('view')).toContain('namespaces get,list,watch');
    expect(rulesOf('admin')).toEqual(
      expect.arrayContaining([
        ...rulesOf('view'),
        ...rulesOf('edit'),
        'rolebindings,roles create,delete,deletecollection,get,list,patch,update,watch',
      ]),
    );
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
    api.create('clusterroles', {
      metadata: { name: 'dinosaurs', labels },
      rules: [{ apiGroups: ['zoo'], resources: ['dinosaurs'], verbs: ['get'] }],
    });
    await settled();
    for (const name of ['view', 'edit', 'admin']) expect(rulesOf(name)).toContain('dinosaurs get');
    api.delete('clusterroles', { name: 'dinosaurs' });
    await settled();
    expect(rulesOf('admin')).not.toContain('dinosaurs get');
  });
});

describe('the Secret of a service account', () => {
  const namespace = 'default';
  const make = (name: string, account: string) => ({
    metadata: { name, namespace, annotations: { 'kubernetes.io/service-account.name': account } },
    type: 'kubernetes.io/service-account-token',
  });

  it('is filled, lets its bearer in, and goes with its account', async () => {
    const server = await start();
    const { api } = server;
    api.create('serviceaccounts', { metadata: { name: 'robot', namespace } });
    api.create('secrets', make('robot-token', 'robot'));
    await settled();
    const { data = {}, metadata } = api.get<Secret>('secrets', { namespace, name: 'robot-token' })!;
    const text = (field: string) => Buffer.from(data[field] ?? '', 'base64').toString();
    expect([text('namespace'), text('ca.crt')]).toEqual(['default', server.ca]);
    expect(metadata?.annotations?.['kubernetes.io/service-account.uid']).toMatch(/^[0-9a-f-]{36}$/);
    const headers = { authorization: `Bearer ${text('token')}` };
    expect((await server.call('/version', { headers })).status).toBe(200);
    api.delete('serviceaccounts', { namespace, name: 'robot' });
    await settled();
    expect(api.get('secrets', { namespace, name: 'robot-token' })).toBeUndefined();
    expect((await server.call('/version', { headers })).status).toBe(401);
  });

  it('that never had one goes', async () => {
    const { api } = await start();
    api.create('secrets', make('orphan', 'nobody'));
    await settled();
    expect(api.get('secrets', { namespace, name: 'orphan' })).toBeUndefined();
  });
});

it('the account and the certificate of a namespace come back', async () => {
  const { api, ca } = await start();
  const certificate = { namespace: 'default', name: 'kube-root-ca.crt' };
  const account = { namespace: 'default', name: 'default' };
  api.delete('configmaps', certificate);
  api.delete('serviceaccounts', account);
  await settled();
  expect(api.get<ConfigMap>('configmaps', certificate)?.data).toEqual({ 'ca.crt': ca });
  expect(api.get('serviceaccounts', account)).toBeDefined();
  api.patch('configmaps', certificate, { data: { 'ca.crt': '' } }, { type: 'merge' });
  await settled();
  expect(api.get<ConfigMap>('configmaps', certificate)?.data).toEqual({ 'ca.crt': ca });
});
