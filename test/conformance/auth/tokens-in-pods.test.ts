import type { TokenReview } from 'kubernetes-types/authentication/v1.js';
import type { ConfigMap, Pod, ServiceAccount } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { outputOf, waitUntilRunning } from '../support/pods.ts';

const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount';

conformance('[sig-auth] ServiceAccounts should mount an API token into pods', async (c) => {
  const accounts = c.in<ServiceAccount>('v1', 'serviceaccounts');
  await accounts.create({ metadata: { name: 'mount-test' } });
  const pods = c.in<Pod>('v1', 'pods');
  const { metadata } = await pods.create({
    metadata: { name: 'pod-service-account' },
    spec: {
      serviceAccountName: 'mount-test',
      restartPolicy: 'Never',
      containers: [{ name: 'test', image: images.busybox, command: ['sleep', '100000'] }],
    },
  });
  await waitUntilRunning(pods, metadata.name);
  const read = (file: string) =>
    c.kubectl(['exec', metadata.name, '--container=test', '--', 'cat', `${MOUNTED}/${file}`]);
  expect(await read('namespace')).toBe(c.namespace);
  const { data } = await c.in<ConfigMap>('v1', 'configmaps').get('kube-root-ca.crt');
  expect((await read('ca.crt')).trim()).toBe(data?.['ca.crt']?.trim());
  const review = await c.all<TokenReview>('authentication.k8s.io/v1', 'tokenreviews').create({
    spec: { token: await read('token') },
  });
  expect(review.status).toMatchObject({
    authenticated: true,
    user: { username: `system:serviceaccount:${c.namespace}:mount-test` },
  });
  expect(review.status.user?.groups).toEqual(
    expect.arrayContaining([
      'system:authenticated',
      'system:serviceaccounts',
      `system:serviceaccounts:${c.namespace}`,
    ]),
  );
});

conformance(
  '[sig-auth] ServiceAccounts should mount projected service account token',
  async (c) => {
    const output = await outputOf(c, {
      metadata: { name: 'test-pod' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'agnhost-container',
            image: images.agnhost,
            args: ['mounttest', '--file_content=/test-volume/token'],
            volumeMounts: [{ name: 'token', mountPath: '/test-volume' }],
          },
        ],
        volumes: [
          {
            name: 'token',
            projected: {
              sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }],
            },
          },
        ],
      },
    });
    // A JWT: three parts.
    expect(output).toMatch(/content of file "\/test-volume\/token": \S+\.\S+\.\S+/);
  },
);

conformance(
  '[sig-auth] ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer',
  async (c) => {
    const audience = 'oidc-discovery-test';
    const output = await outputOf(c, {
      metadata: { name: 'oidc-discovery-validator' },
      spec: {
        restartPolicy: 'Never',
        serviceAccountName: 'default',
        containers: [
          {
            name: 'oidc-discovery-validator',
            image: images.agnhost,
            args: [
              'test-service-account-issuer-discovery',
              '--in-cluster-discovery',
              '--token-path=/var/run/secrets/tokens/sa-token',
              `--audience=${audience}`,
            ],
            volumeMounts: [
              { name: 'sa-token', mountPath: '/var/run/secrets/tokens', readOnly: true },
            ],
          },
        ],
        volumes: [
          {
            name: 'sa-token',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'sa-token', expirationSeconds: 7200, audience } },
              ],
            },
          },
        ],
      },
    });
    expect(output).toContain('OK: Got valid claims from token!');
  },
);
