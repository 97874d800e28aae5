import type { IncomingMessage } from 'node:http';
import { type Attributes, attributesOf } from './attributes.ts';
import type { Authenticator } from './authenticate.ts';
import { notAllowed } from './forbidden.ts';
import { impersonate } from './impersonate.ts';
import type { Authorizer } from './rbac/authorizer.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import { MASTERS, type User } from './user.ts';

/** Everything that stands between a request and its handling. */
export interface Access {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly tokens: ServiceAccountTokens;
}

/** Whom the request is made by or in the name of, after it was allowed; throws 401 or 403. */
export function admit(
  { authenticator, authorizer }: Access,
  request: IncomingMessage,
  url: URL,
): User {
  const user = impersonate(request, authenticator.authenticate(request), authorizer);
  // The kubeconfig's own user, hence nearly every request: nothing needs to be understood for him.
  if (!user.groups.includes(MASTERS)) {
    requireAllowed(authorizer, user, attributesOf(request.method ?? 'GET', url));
  }
  return user;
}

export function requireAllowed(authorizer: Authorizer, user: User, asked: Attributes): void {
  const { isAllowed, reason } = authorizer.authorize(user, asked);
  if (!isAllowed) throw notAllowed(user, asked, reason);
}
