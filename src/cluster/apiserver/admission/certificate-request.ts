import type { CertificateSigningRequest } from 'kubernetes-types/certificates/v1.js';
import { MASTERS } from '../auth/user.ts';
import { parseCertificateRequest } from '../certificate-request.ts';
import type { Write } from '../pipeline/context.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { forbidden } from '../words.ts';

/** Signs what makes its bearer a user of the API server. */
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

/** Notes who asks for a certificate; throws 403 when it would make its bearer a member of system:masters. */
export function admitCertificateRequest(
  resource: Resource,
  draft: Draft,
  { grantor }: Write,
): void {
  if (grantor) {
    const { username, uid, groups, extra } = grantor.user;
    draft.spec = {
      ...draft.spec,
      username,
      ...(uid !== undefined && { uid }),
      groups,
      ...(extra && { extra }),
    };
  }
  const { spec } = draft as unknown as CertificateSigningRequest;
  if (spec?.signerName !== CLIENT_SIGNER) return;
  const refuse = (why: string) => forbidden(resource, draft.metadata.name ?? '', why);
  let organizations: readonly string[];
  try {
    const pem = Buffer.from(spec.request ?? '', 'base64').toString();
    ({ organizations } = parseCertificateRequest(pem));
  } catch (error) {
    throw refuse(`failed to parse CSR: ${error instanceof Error ? error.message : ''}`);
  }
  if (organizations.includes(MASTERS)) {
    throw refuse(`use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
  }
}

/** Throws 403 unless the user may approve for this signer, or for all of its domain. */
export function admitApproval(resource: Resource, previous: Draft, { grantor }: Write): void {
  if (!grantor) return;
  const { spec } = previous as unknown as CertificateSigningRequest;
  const signer = spec?.signerName ?? '';
  const names = [signer, `${signer.split('/')[0]}/*`];
  const isAllowed = names.some(
    (name) =>
      grantor.authorizer.authorize(grantor.user, {
        verb: 'approve',
        group: 'certificates.k8s.io',
        resource: 'signers',
        subresource: '',
        namespace: '',
        name,
      }).isAllowed,
  );
  if (isAllowed) return;
  throw forbidden(
    resource,
    previous.metadata.name ?? '',
    `user not permitted to approve requests with signerName ${JSON.stringify(signer)}`,
  );
}
