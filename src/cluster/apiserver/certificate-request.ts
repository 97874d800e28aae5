import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { issuerOf } from './certificates.ts';
import { type Element, oid, readElements, sequence } from './der.ts';
import {
  basicConstraints,
  certificate,
  DIGITAL_SIGNATURE,
  extension,
  KEY_ENCIPHERMENT,
  keyUsage,
  OID,
} from './x509.ts';

/** What somebody asks to have signed (RFC 2986). */
export interface CertificateRequest {
  /** As encoded in the request. */
  readonly subject: Buffer;
  readonly organizations: readonly string[];
  readonly publicKey: KeyObject;
}

/** Reads a PEM text of type CERTIFICATE REQUEST; throws, in upstream's words, for anything else and for a wrong signature. */
export function parseCertificateRequest(pem: string): CertificateRequest {
  const base64 = /-----BEGIN CERTIFICATE REQUEST-----([^-]+)-----END CERTIFICATE REQUEST-----/.exec(
    pem,
  )?.[1];
  if (base64 === undefined) throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const [whole] = readElements(Buffer.from(base64, 'base64'));
  const [info, algorithm, signature] = readElements(contentOf(whole));
  const [, subject, key] = readElements(contentOf(info));
  if (!info || !algorithm || !signature || !subject || !key) {
    throw new Error('asn1: structure error: incomplete certificate request');
  }
  const publicKey = createPublicKey({ key: key.raw, format: 'der', type: 'spki' });
  const bits = signature.content.subarray(1);
  if (!verify(hashOf(algorithm), info.raw, publicKey, bits)) {
    throw new Error('x509: signature of the certificate request does not match its key');
  }
  return { subject: subject.raw, organizations: organizationsOf(subject), publicKey };
}

/** The client certificate that was asked for, PEM, good for at most a year. */
export function signCertificateRequest(
  caKey: string,
  { pem, validSeconds }: { readonly pem: string; readonly validSeconds?: number | undefined },
): string {
  const { subject, publicKey } = parseCertificateRequest(pem);
  return certificate({
    subject,
    publicKey,
    issuer: issuerOf(caKey),
    ...(validSeconds !== undefined && { validSeconds: Math.min(validSeconds, MAX_SECONDS) }),
    extensions: [
      basicConstraints(false),
      keyUsage(DIGITAL_SIGNATURE, KEY_ENCIPHERMENT),
      extension(OID.extendedKeyUsage, sequence(oid(OID.clientAuth))),
    ],
  });
}

const MAX_SECONDS = 365 * 86_400;

/** The signature algorithms that clients use: RSA and ECDSA with SHA-2, and Ed25519, which hashes by itself. */
const HASHES: readonly (readonly [algorithm: string, hash: string | undefined])[] = [
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['1.3.101.112', undefined],
];

function hashOf(algorithm: Element): string | undefined {
  const [id] = readElements(algorithm.content);
  const known = HASHES.find(([name]) => id?.raw.equals(oid(name)));
  if (!known) throw new Error('x509: cannot verify signature: algorithm unimplemented');
  return known[1];
}

/** A name is a list of sets of pairs. */
function organizationsOf(subject: Element): string[] {
  const wanted = oid(OID.organization);
  return readElements(subject.content)
    .flatMap(({ content }) => readElements(content))
    .flatMap(({ content }) => {
      const [type, value] = readElements(content);
      return type?.raw.equals(wanted) && value ? [value.content.toString('utf8')] : [];
    });
}

function contentOf(element: Element | undefined): Buffer {
  return element?.content ?? Buffer.alloc(0);
}
