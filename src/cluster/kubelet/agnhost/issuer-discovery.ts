import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFlags } from './flags.ts';
import { say } from './listen-address.ts';
import { askApiServer } from './service-account.ts';

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
}

/** Checks the mounted token with nothing but the issuer's own documents, as a stranger would. */
export async function issuerDiscovery(args: readonly string[]): Promise<void> {
  const flags = readFlags(args);
  const tokenPath = flags.text('token-path', '');
  const audience = flags.text('audience', '');
  // Asked for with the Pod's own credentials: the token at `--token-path` is for somebody else.
  const found = await askApiServer('/.well-known/openid-configuration');
  const document = JSON.parse(found.text) as { issuer: string; jwks_uri: string };
  const keys = await askApiServer(new URL(document.jwks_uri).pathname);
  const token = tokenPath === '' ? found.token : readFileSync(tokenPath, 'utf8');
  const [header = '', payload = '', signature = ''] = token.trim().split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown;
  const { kid, alg } = read(header) as { kid?: string; alg: string };
  const claims = read(payload) as Claims;
  const jwk = (JSON.parse(keys.text) as { keys: (JsonWebKey & { kid?: string })[] }).keys.find(
    (key) => key.kid === kid,
  );
  if (!jwk) throw new Error(`no key ${kid} in ${document.jwks_uri}`);
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const valid = verify(
    alg === 'EdDSA' ? null : 'sha256',
    Buffer.from(`${header}.${payload}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!valid) throw new Error('the token is not signed by the issuer');
  if (claims.iss !== document.issuer)
    throw new Error(`issuer ${claims.iss} is not ${document.issuer}`);
  if (audience && ![claims.aud].flat().includes(audience))
    throw new Error(`audience ${String(claims.aud)} is not ${audience}`);
  say(`OK: Got token for ${claims.sub}`);
  say('OK: Validated signature on JWT');
  say('OK: Got valid claims from token!');
}
