import { generateKeyPairSync, sign } from 'node:crypto';
import {
  bits,
  explicit,
  integer,
  oid,
  sequence,
  set,
  utf8,
} from '../../src/cluster/apiserver/der.ts';

/** A certificate request as `openssl req -new` makes it (RFC 2986), and its private key; PEM. */
export function certificateRequest(name: {
  readonly username: string;
  readonly groups?: readonly string[];
}): { readonly pem: string; readonly key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const attribute = (id: string, value: string) => set(sequence(oid(id), utf8(value)));
  const info = sequence(
    integer(Buffer.of(0)),
    sequence(
      ...(name.groups ?? []).map((group) => attribute('2.5.4.10', group)),
      attribute('2.5.4.3', name.username),
    ),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(0, Buffer.alloc(0)),
  );
  const signature = sign('sha256', info, privateKey);
  const der = sequence(info, sequence(oid('1.2.840.10045.4.3.2')), bits(signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    pem: `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
