import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { CertificateSigningRequest } from 'kubernetes-types/certificates/v1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useApiServer } from '../../../test/support/api-server.ts';
import { certificateRequest } from '../../../test/support/certificate-request.ts';
import { startControllers } from './index.ts';

const server = useApiServer({
  users: { joe: { username: 'joe', groups: ['devs', 'system:authenticated'] } },
});
let controllers: AsyncDisposable | undefined;
beforeAll(() => {
  const { api, signCertificate } = server().server;
  controllers = startControllers({ api, signCertificate, onError: () => {} });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'requester' };
  const apiGroups = ['certificates.k8s.io'];
  const resources = ['certificatesigningrequests', 'certificatesigningrequests/approval'];
  api.create('clusterroles', {
    metadata: { name: 'requester' },
    rules: [{ apiGroups, resources, verbs: ['create', 'get', 'update'] }],
  });
  api.create('clusterrolebindings', {
    metadata: { name: 'requester' },
    roleRef,
    subjects: [{ kind: 'User', name: 'joe' }],
  });
});
afterAll(() => controllers?.[Symbol.asyncDispose]());

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const SIGNER = 'kubernetes.io/kube-apiserver-client';
const joe = { authorization: 'Bearer joe' };

function ask(name: string, pem: string, spec: object = {}) {
  const body = {
    metadata: { name },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: SIGNER,
      usages: ['client auth'],
      username: 'somebody-else',
      ...spec,
    },
  };
  return server().call(PATH, { method: 'POST', body, headers: joe });
}

async function approve(name: string, headers: Record<string, string> = {}) {
  const { body } = await server().call(`${PATH}/${name}`);
  body.status = { conditions: [{ type: 'Approved', status: 'True', reason: 'KubectlApprove' }] };
  return server().call(`${PATH}/${name}/approval`, { method: 'PUT', body, headers });
}

const stored = (name: string) =>
  server().api.get<CertificateSigningRequest>('certificatesigningrequests', { name })!;

describe('a certificate signing request', () => {
  it('makes a user, once it is approved', async () => {
    const { pem, key } = certificateRequest({ username: 'jane', groups: ['ops'] });
    const created = await ask('jane', pem, { expirationSeconds: 3600 });
    expect([created.status, created.body.spec.username, created.body.spec.groups]).toEqual([
      201,
      'joe',
      ['devs', 'system:authenticated'],
    ]);
    expect(stored('jane').status?.certificate).toBeUndefined();
    expect((await approve('jane')).status).toBe(200);
    await expect.poll(() => stored('jane').status?.certificate).toBeDefined();
    const cert = Buffer.from(stored('jane').status?.certificate ?? '', 'base64').toString();
    const { subject, validTo } = new X509Certificate(cert);
    expect(subject).toBe('O=ops\nCN=jane');
    expect(Date.parse(validTo) - Date.now()).toBeLessThanOrEqual(3_600_000);
    const sent = request({
      host: '127.0.0.1',
      port: server().port,
      path: '/api/v1/pods',
      ca: server().ca,
      cert,
      key,
      agent: false,
    });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(403);
  });

  it('is approved only by whoever may approve for its signer', async () => {
    await ask('mine', certificateRequest({ username: 'joe' }).pem);
    expect((await approve('mine', joe)).body.message).toBe(
      `certificatesigningrequests.certificates.k8s.io "mine" is forbidden: user not permitted to approve requests with signerName "${SIGNER}"`,
    );
  });

  it('for an administrator, or for nothing at all, is refused', async () => {
    const { pem } = certificateRequest({ username: 'joe', groups: ['system:masters'] });
    expect((await ask('root', pem)).body.message).toBe(
      `certificatesigningrequests.certificates.k8s.io "root" is forbidden: use of ${SIGNER} signer with system:masters group is not allowed`,
    );
    expect((await ask('bear', 'this is not a CSR')).body.message).toBe(
      'certificatesigningrequests.certificates.k8s.io "bear" is forbidden: failed to parse CSR: PEM block type must be CERTIFICATE REQUEST',
    );
    const forged = pem.replace(/[A-Za-z]{4}(?===?\n-|\n-)/, 'AAAA');
    expect((await ask('forged', forged)).status).toBe(403);
  });

  it('that its signer cannot sign says why', async () => {
    await ask('server', certificateRequest({ username: 'web' }).pem, { usages: ['server auth'] });
    await approve('server');
    await expect
      .poll(() => stored('server').status?.conditions?.map(({ type }) => type))
      .toEqual(['Approved', 'Failed']);
  });
});
