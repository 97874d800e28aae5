import { ALGORITHM } from './json-web-token.ts';
import { ISSUER } from './claims.ts';

export interface OpenIdDocument {
  readonly contentType: string;
  readonly body: object;
}

const KEYS_PATH = '/openid/v1/jwks';

/** OpenID Connect Discovery 1.0: how others verify the tokens of service accounts. Undefined for every other path. */
export function openIdDocument(
  pathname: string,
  { keySet, apiServer }: { readonly keySet: object; readonly apiServer: string },
): OpenIdDocument | undefined {
  if (pathname === KEYS_PATH) return { contentType: 'application/jwk-set+json', body: keySet };
  if (pathname !== '/.well-known/openid-configuration') return undefined;
  return {
    contentType: 'application/json',
    body: {
      issuer: ISSUER,
      jwks_uri: `${apiServer}${KEYS_PATH}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [ALGORITHM],
    },
  };
}
