import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bits,
  boolean,
  explicit,
  implicit,
  integer,
  octets,
  oid,
  sequence,
  set,
  time,
  utf8,
} from './der.ts';

/** What certificates are made of, by its number. */
export const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** Who a certificate is about, or who signed it. */
interface Name {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface CertificateOptions {
  /** A name, or one that is encoded already. */
  readonly subject: Name | Buffer;
  readonly publicKey: KeyObject;
  /** From now; by default a year. */
  readonly validSeconds?: number;
  readonly issuer: {
    readonly name: string;
    readonly publicKey: KeyObject;
    readonly privateKey: KeyObject;
  };
  readonly extensions: readonly Buffer[];
}

const YEAR_SECONDS = 365 * 86_400;

/** RFC 5280 §4.1, version 3; PEM. */
export function certificate({
  subject,
  publicKey,
  issuer,
  extensions,
  validSeconds = YEAR_SECONDS,
}: CertificateOptions): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const now = Date.now();
  const dayMs = 86_400_000;
  const body = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(serialNumber()),
    algorithm,
    distinguishedName({ commonName: issuer.name }),
    // A day back: clocks of clients on other machines may be behind.
    sequence(time(new Date(now - dayMs)), time(new Date(now + validSeconds * 1000))),
    Buffer.isBuffer(subject) ? subject : distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(
      3,
      sequence(
        ...extensions,
        extension(OID.subjectKeyIdentifier, octets(keyIdentifier(publicKey))),
        extension(
          OID.authorityKeyIdentifier,
          sequence(implicit(0, keyIdentifier(issuer.publicKey))),
        ),
      ),
    ),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  return pem(sequence(body, algorithm, bits(signature)));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  // Positive and without leading zeros, as DER wants the shortest form.
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}

function distinguishedName({ commonName, organizations = [] }: Name): Buffer {
  return sequence(
    ...organizations.map((name) => set(sequence(oid(OID.organization), utf8(name)))),
    set(sequence(oid(OID.commonName), utf8(commonName))),
  );
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

export function extension(id: string, content: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octets(content));
}

export function basicConstraints(isAuthority: boolean): Buffer {
  return extension(OID.basicConstraints, isAuthority ? sequence(boolean(true)) : sequence(), true);
}

// Bits of KeyUsage, counted from the most significant (RFC 5280 §4.2.1.3).
export const DIGITAL_SIGNATURE = 0;
export const KEY_ENCIPHERMENT = 2;
export const KEY_CERT_SIGN = 5;
export const CRL_SIGN = 6;

export function keyUsage(...usages: readonly number[]): Buffer {
  const byte = usages.reduce((sum, usage) => sum | (0x80 >>> usage), 0);
  return extension(OID.keyUsage, bits(Buffer.of(byte), 7 - Math.max(...usages)), true);
}

export function subjectAlternativeName(
  names: readonly string[],
  addresses: readonly string[],
): Buffer {
  return extension(
    OID.subjectAlternativeName,
    sequence(
      ...names.map((name) => implicit(2, Buffer.from(name))),
      ...addresses.map((address) => implicit(7, Buffer.from(address.split('.').map(Number)))),
    ),
  );
}
