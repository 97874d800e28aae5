import type { CertificateSigningRequest } from 'kubernetes-types/certificates/v1.js';
import type { APIGroupList, APIResourceList } from 'kubernetes-types/meta/v1.js';
import { expect } from 'vitest';
import { certificateRequest } from '../../support/certificate-request.ts';
import { conformance } from '../support/conformance.ts';
import type { Stored } from '../support/resource.ts';

const annotate = (key: string) => ({ metadata: { annotations: { [key]: 'true' } } });
const condition = (type: string) => ({
  type,
  status: 'True',
  reason: 'E2E',
  message: 'set by test',
});

conformance(
  '[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations',
  async (c) => {
    const { groups } = await c.api.call<APIGroupList>('GET', '/apis');
    const group = groups.find(({ name }) => name === 'certificates.k8s.io');
    expect(group?.versions.map(({ version }) => version)).toContain('v1');
    const { resources } = await c.api.call<APIResourceList>('GET', '/apis/certificates.k8s.io/v1');
    expect(resources.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'certificatesigningrequests',
        'certificatesigningrequests/approval',
        'certificatesigningrequests/status',
      ]),
    );

    const requests = c.all<CertificateSigningRequest>(
      'certificates.k8s.io/v1',
      'certificatesigningrequests',
    );
    const { pem } = certificateRequest({ username: 'e2e.example.com' });
    // Each run has a signer of its own: what others ask for is not ours to count or delete.
    const signerName = `example.com/e2e-${c.namespace}`;
    const labels = { 'e2e-csr': c.namespace };
    const labelSelector = `e2e-csr=${c.namespace}`;
    c.cleanUp(() => requests.deleteCollection({ labelSelector }));
    const create = () =>
      requests.create({
        metadata: { generateName: 'e2e-example-csr-', labels },
        spec: {
          request: Buffer.from(pem).toString('base64'),
          signerName,
          expirationSeconds: 3600,
          usages: ['digital signature', 'key encipherment', 'server auth'],
        },
      });
    await create();
    await create();
    const created = await create();
    const { name } = created.metadata;
    const read = await requests.get(name);
    expect(read.spec).toMatchObject({ signerName, expirationSeconds: 3600 });

    const byField = await requests.list({ fieldSelector: `spec.signerName=${signerName}` });
    expect(byField.items).toHaveLength(3);
    const { items, metadata } = await requests.list({ labelSelector });
    expect(items).toHaveLength(3);
    using watch = await requests.watch({
      resourceVersion: metadata.resourceVersion ?? '',
      labelSelector,
    });
    const seen = (type: string, what: (object: Stored<CertificateSigningRequest>) => boolean) =>
      watch.until(type, (event) => event.type === type && what(event.object));
    const has = (key: string) => (object: Stored<CertificateSigningRequest>) =>
      object.metadata.annotations?.[key] === 'true';

    const patched = await requests.patch(name, annotate('patched'), { type: 'merge' });
    expect(has('patched')(patched)).toBe(true);
    const updated = await requests.update(name, (object) => {
      Object.assign(object.metadata.annotations!, { updated: 'true' });
    });
    expect(has('updated')(updated)).toBe(true);
    await seen('MODIFIED', has('patched'));
    await seen('MODIFIED', has('updated'));

    expect((await requests.get(name, 'approval')).metadata.uid).toBe(created.metadata.uid);
    const approval = {
      ...annotate('patchedapproval'),
      status: { conditions: [condition('ApprovalPatch')] },
    };
    const approvedPatch = await requests.patch(name, approval, {
      type: 'merge',
      subresource: 'approval',
    });
    expect(has('patchedapproval')(approvedPatch)).toBe(true);
    expect(approvedPatch.status.conditions?.map(({ type }) => type)).toEqual(['ApprovalPatch']);
    const approved = await requests.replace(
      { ...approvedPatch, status: { conditions: [condition('Approved')] } },
      'approval',
    );
    expect(approved.status.conditions?.map(({ type }) => type)).toContain('Approved');

    expect((await requests.get(name, 'status')).metadata.uid).toBe(created.metadata.uid);
    const withStatus = await requests.patch(
      name,
      { ...annotate('patchedstatus'), status: { certificate: '' } },
      { type: 'merge', subresource: 'status' },
    );
    expect(has('patchedstatus')(withStatus)).toBe(true);
    const finished = await requests.replace(
      {
        ...withStatus,
        status: {
          ...withStatus.status,
          conditions: [...(withStatus.status.conditions ?? []), condition('StatusUpdate')],
        },
      },
      'status',
    );
    expect(finished.status.conditions?.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['Approved', 'StatusUpdate']),
    );

    await requests.delete(name);
    await seen('DELETED', ({ metadata: { uid } }) => uid === created.metadata.uid);
    expect(await requests.find(name)).toBeUndefined();
    expect((await requests.list({ labelSelector })).items).toHaveLength(2);
    await requests.deleteCollection({ labelSelector });
    expect((await requests.list({ labelSelector })).items).toHaveLength(0);
  },
);
