import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { promisify } from 'node:util';
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

const VALID_DAYS = 365;
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

/** A certificate by which the API server knows its bearer: the common name is the user, the organizations are the groups. */
export async function issueClientCertificate(
  { caKey }: Pick<Certificates, 'caKey'>,
  { username, groups = [] }: { readonly username: string; readonly groups?: readonly string[] },
): Promise<ClientCertificate> {
  const client = await generate('ec', P256);
  const privateKey = createPrivateKey(caKey);
  const cert = certificate({
    subject: { commonName: username, organizations: groups },
    publicKey: client.publicKey,
    issuer: { name: AUTHORITY, privateKey, publicKey: createPublicKey(privateKey) },
    extensions: [
      basicConstraints(false),
      keyUsage(DIGITAL_SIGNATURE),
      extension(OID.extendedKeyUsage, sequence(oid(OID.clientAuth))),
    ],
  });
  return { cert, key: pemOf(client.privateKey) };
}

const generate = promisify(generateKeyPair);
const P256 = { namedCurve: 'P-256' } as const;

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const OID = {
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

interface Name {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

interface Request {
  readonly subject: Name;
  readonly publicKey: KeyObject;
  readonly issuer: {
    readonly name: string;
    readonly publicKey: KeyObject;
    readonly privateKey: KeyObject;
  };
  readonly extensions: readonly Buffer[];
}

/** RFC 5280 §4.1, version 3. */
function certificate({ subject, publicKey, issuer, extensions }: Request): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const now = Date.now();
  const dayMs = 86_400_000;
  const body = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(serialNumber()),
    algorithm,
    distinguishedName({ commonName: issuer.name }),
    // A day back: clocks of clients on other machines may be behind.
    sequence(time(new Date(now - dayMs)), time(new Date(now + VALID_DAYS * dayMs))),
    distinguishedName(subject),
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

function extension(id: string, content: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octets(content));
}

function basicConstraints(isAuthority: boolean): Buffer {
  return extension(OID.basicConstraints, isAuthority ? sequence(boolean(true)) : sequence(), true);
}

// Bits of KeyUsage, counted from the most significant (RFC 5280 §4.2.1.3).
const DIGITAL_SIGNATURE = 0;
const KEY_CERT_SIGN = 5;
const CRL_SIGN = 6;

function keyUsage(...usages: readonly number[]): Buffer {
  const byte = usages.reduce((sum, usage) => sum | (0x80 >>> usage), 0);
  return extension(OID.keyUsage, bits(Buffer.of(byte), 7 - Math.max(...usages)), true);
}

function subjectAlternativeName(names: readonly string[], addresses: readonly string[]): Buffer {
  return extension(
    OID.subjectAlternativeName,
    sequence(
      ...names.map((name) => implicit(2, Buffer.from(name))),
      ...addresses.map((address) => implicit(7, Buffer.from(address.split('.').map(Number)))),
    ),
  );
}
