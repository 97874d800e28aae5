import type { TokenRequest, TokenReview } from 'kubernetes-types/authentication/v1.js';
import type { ConfigMap, Pod, ServiceAccount } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { until } from '../support/until.ts';

conformance(
  '[sig-auth] ServiceAccounts should allow opting out of API token automount',
  async (c) => {
    const accounts = c.in<ServiceAccount>('v1', 'serviceaccounts');
    const pods = c.in<Pod>('v1', 'pods');
    await accounts.create({ metadata: { name: 'mount' }, automountServiceAccountToken: true });
    await accounts.create({ metadata: { name: 'nomount' }, automountServiceAccountToken: false });
    await until('the default account', () => accounts.find('default'));
    // By account, by what the Pod says (undefined: nothing), and whether the token is mounted.
    const rows = [
      ['default', undefined, true],
      ['mount', undefined, true],
      ['nomount', undefined, false],
      ['default', true, true],
      ['mount', true, true],
      ['nomount', true, true],
      ['default', false, false],
      ['mount', false, false],
      ['nomount', false, false],
    ] as const;
    for (const [account, podSays, isMounted] of rows) {
      const pod = await pods.create({
        metadata: { name: `${account}-${podSays ?? 'unset'}` },
        spec: {
          containers: [{ name: 'token-test', image: images.agnhost }],
          restartPolicy: 'Never',
          serviceAccountName: account,
          ...(podSays !== undefined && { automountServiceAccountToken: podSays }),
        },
      });
      const mounted = pod.spec.containers[0]!.volumeMounts?.some(
        ({ mountPath }) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount',
      );
      expect(mounted ?? false, `${account}, ${podSays}`).toBe(isMounted);
    }
  },
);

conformance(
  '[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount',
  async (c) => {
    const accounts = c.in<ServiceAccount>('v1', 'serviceaccounts');
    const name = 'testserviceaccount';
    const label = `test-serviceaccount-static=${c.namespace}`;
    const [key, value] = label.split('=') as [string, string];
    const created = await accounts.create({ metadata: { name, labels: { [key]: value } } });
    expect((await accounts.get(name)).metadata.uid).toBe(created.metadata.uid);

    using watch = await accounts.watch({ labelSelector: label, timeoutSeconds: 180 });
    await watch.until('added', ({ type }) => type === 'ADDED');
    await accounts.patch(name, { automountServiceAccountToken: false });
    await watch.until('modified', ({ type }) => type === 'MODIFIED');

    const everywhere = c.all<ServiceAccount>('v1', 'serviceaccounts');
    const { items } = await everywhere.list({ labelSelector: label });
    expect(items).toMatchObject([
      { metadata: { name, namespace: c.namespace }, automountServiceAccountToken: false },
    ]);
    await accounts.deleteCollection({});
    await watch.until('deleted', ({ type }) => type === 'DELETED');
  },
);

conformance('[sig-auth] ServiceAccounts should update a ServiceAccount', async (c) => {
  const accounts = c.in<ServiceAccount>('v1', 'serviceaccounts');
  const created = await accounts.create({
    metadata: { name: 'e2e-sa' },
    automountServiceAccountToken: false,
  });
  expect(created.automountServiceAccountToken).toBe(false);
  const updated = await accounts.update('e2e-sa', (account) => {
    account.automountServiceAccountToken = true;
  });
  expect(updated.automountServiceAccountToken).toBe(true);
});

conformance(
  '[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace',
  async (c) => {
    const maps = c.in<ConfigMap>('v1', 'configmaps');
    const name = 'kube-root-ca.crt';
    await until('the root CA is there', () => maps.find(name), 30_000);
    await maps.delete(name, { gracePeriodSeconds: 0 });
    await until('the root CA is back', () => maps.find(name), 30_000);
    await maps.replace({ metadata: { name }, data: { 'ca.crt': '' } });
    await until(
      'the root CA is restored',
      async () => ((await maps.find(name))?.data?.['ca.crt'] ?? '') !== '',
      30_000,
    );
  },
);

conformance(
  '[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview',
  async (c) => {
    const accounts = c.in<ServiceAccount>('v1', 'serviceaccounts');
    await accounts.create({ metadata: { name: 'e2e-sa' } });
    const request = await c.api.call<TokenRequest>('POST', `${accounts.path}/e2e-sa/token`, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    const token = request.status!.token;
    expect(token).not.toBe('');
    const review = await c.all<TokenReview>('authentication.k8s.io/v1', 'tokenreviews').create({
      spec: { token },
    });
    expect(review.status.authenticated).toBe(true);
    expect(review.status.error ?? '').toBe('');
  },
);
