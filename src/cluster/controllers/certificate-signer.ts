import type { CertificateSigningRequest } from 'kubernetes-types/certificates/v1.js';
import { isBeingDeleted, metaOf } from './object-meta.ts';
import type { Controller, ControllerContext } from './runner.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client';
const fieldManager = 'kube-controller-manager';

/** PEM in, PEM out; throws for what cannot be signed. */
export type SignCertificate = (request: {
  readonly pem: string;
  readonly validSeconds?: number | undefined;
}) => string;

/** Signs what somebody approved, so that its owner becomes a user of the API server. */
export function certificateSigner(
  { api, informers }: ControllerContext,
  sign: SignCertificate,
): Controller {
  const requests = informers.of('certificatesigningrequests');
  return {
    name: 'csrsigning',
    watch(queue) {
      requests.onChange(({ type, object }) => {
        if (type !== 'DELETED' && isToBeSigned(object)) queue.add(metaOf(object).name);
      });
    },
    reconcile(name) {
      const request = requests.get({ name });
      if (!request || !isToBeSigned(request)) return;
      const { spec } = request;
      const update = (status: object) =>
        api.patch(
          'certificatesigningrequests',
          { name },
          { status },
          {
            type: 'merge',
            subresource: 'status',
            fieldManager,
          },
        );
      const fail = (message: string) =>
        update({
          conditions: [
            ...(request.status?.conditions ?? []),
            { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message },
          ],
        });
      if (!spec.usages?.includes('client auth')) {
        fail('usages did not contain client auth');
        return;
      }
      try {
        const pem = Buffer.from(spec.request ?? '', 'base64').toString();
        const signed = sign({ pem, validSeconds: spec.expirationSeconds });
        update({ certificate: Buffer.from(signed).toString('base64') });
      } catch (error) {
        fail(error instanceof Error ? error.message : 'the request cannot be signed');
      }
    },
  };
}

function isToBeSigned(request: CertificateSigningRequest): boolean {
  const { conditions = [], certificate } = request.status ?? {};
  const has = (type: string) => conditions.some((condition) => condition.type === type);
  return (
    request.spec.signerName === SIGNER &&
    !certificate &&
    has('Approved') &&
    !has('Denied') &&
    !has('Failed') &&
    !isBeingDeleted(request)
  );
}
