import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { unauthorized } from '../words.ts';
import { API_AUDIENCES } from './claims.ts';
import { certificateUser } from './client-certificate.ts';
import type { ServiceAccountTokens, TokenVerdict } from './service-account-tokens.ts';
import { ADMIN, type User } from './user.ts';

export interface Authenticator {
  /** Throws 401 for whoever shows neither a certificate of ours nor a token of ours. */
  authenticate(request: IncomingMessage): User;
  /** What a bearer token is worth to one of `audiences`; undefined when it is none of ours. */
  review(token: string, audiences: readonly string[]): TokenVerdict | undefined;
}

export interface AuthenticatorOptions {
  /** The kubeconfig's. */
  readonly adminToken: string;
  /** Users by bearer token, besides the admin: what `--token-auth-file` is upstream. */
  readonly users?: Readonly<Record<string, User>>;
  readonly tokens: ServiceAccountTokens;
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const fixed = [[options.adminToken, ADMIN] as const, ...Object.entries(options.users ?? {})].map(
    ([token, user]) => ({ hash: hashOf(token), user }),
  );

  function review(token: string, audiences: readonly string[]): TokenVerdict | undefined {
    const hash = hashOf(token);
    // Hashes have one length and say nothing of their tokens: how long a comparison takes betrays neither.
    const match = fixed.filter((one) => timingSafeEqual(one.hash, hash))[0];
    if (!match) return options.tokens.review(token, audiences);
    const shared = API_AUDIENCES.filter((audience) => audiences.includes(audience));
    return shared.length > 0 ? { user: match.user, audiences: shared } : undefined;
  }

  return {
    review,
    authenticate(request) {
      const certified = certificateUser(request.socket);
      if (certified) return certified;
      const [scheme = '', token = ''] = (request.headers.authorization ?? '').split(' ');
      const verdict =
        scheme.toLowerCase() === 'bearer' && token !== ''
          ? review(token, API_AUDIENCES)
          : undefined;
      if (!verdict || 'error' in verdict) throw unauthorized();
      return verdict.user;
    },
  };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
