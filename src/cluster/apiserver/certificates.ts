import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { oid, sequence } from './der.ts';
import {
  basicConstraints,
  certificate,
  type CertificateOptions,
  CRL_SIGN,
  DIGITAL_SIGNATURE,
  extension,
  KEY_CERT_SIGN,
  keyUsage,
  OID,
  subjectAlternativeName,
} from './x509.ts';

/** What the API server shows, what clients verify it with, and what it knows its clients by; PEM texts. */
export interface Certificates {
  readonly ca: string;
  /** Signs the certificates of further users. */
  readonly caKey: string;
  readonly cert: string;
  readonly key: string;
  /** Signs the tokens of service accounts. */
  readonly serviceAccountKey: string;
}

/** A user's certificate and private key, PEM: what stands in a kubeconfig. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

const DNS_NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];
const ADDRESSES = ['127.0.0.1', '10.96.0.1'];

const AUTHORITY = 'pitstop-ca';

/** A certificate authority, a server certificate for this machine and a key for tokens (ECDSA P-256). */
export async function generateCertificates(
  options: { readonly addresses?: readonly string[] } = {},
): Promise<Certificates> {
  const [authority, server, tokens] = await Promise.all([
    generate('ec', P256),
    generate('ec', P256),
    generate('ec', P256),
  ]);
  const issuer = { name: AUTHORITY, ...authority };
  const ca = certificate({
    subject: { commonName: issuer.name },
    publicKey: authority.publicKey,
    issuer,
    extensions: [basicConstraints(true), keyUsage(KEY_CERT_SIGN, CRL_SIGN)],
  });
  const cert = certificate({
    subject: { commonName: 'kube-apiserver' },
    publicKey: server.publicKey,
    issuer,
    extensions: [
      basicConstraints(false),
      keyUsage(DIGITAL_SIGNATURE),
      extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
      subjectAlternativeName(DNS_NAMES, [...ADDRESSES, ...(options.addresses ?? [])]),
    ],
  });
  return {
    ca,
    caKey: pemOf(authority.privateKey),
    cert,
    key: pemOf(server.privateKey),
    serviceAccountKey: pemOf(tokens.privateKey),
  };
}

/** A user as a client certificate names him. */
export interface CertificateUser {
  readonly username: string;
  readonly groups?: readonly string[];
}

/** A certificate by which the API server knows its bearer: the common name is the user, the organizations are the groups. */
export async function issueClientCertificate(
  { caKey }: Pick<Certificates, 'caKey'>,
  { username, groups = [] }: CertificateUser,
): Promise<ClientCertificate> {
  const client = await generate('ec', P256);
  const cert = certificate({
    subject: { commonName: username, organizations: groups },
    publicKey: client.publicKey,
    issuer: issuerOf(caKey),
    extensions: [
      basicConstraints(false),
      keyUsage(DIGITAL_SIGNATURE),
      extension(OID.extendedKeyUsage, sequence(oid(OID.clientAuth))),
    ],
  });
  return { cert, key: pemOf(client.privateKey) };
}

/** The cluster's authority as it signs; `caKey` is PEM. */
export function issuerOf(caKey: string): CertificateOptions['issuer'] {
  const privateKey = createPrivateKey(caKey);
  return { name: AUTHORITY, privateKey, publicKey: createPublicKey(privateKey) };
}

const generate = promisify(generateKeyPair);
const P256 = { namedCurve: 'P-256' } as const;

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
