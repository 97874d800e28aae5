import type { IncomingMessage } from 'node:http';
import { badRequest } from '../words.ts';
import type { ResourceAttributes } from './attributes.ts';
import { notAllowed } from './forbidden.ts';
import type { Authorizer } from './rbac/authorizer.ts';
import {
  AUTHENTICATED,
  parseServiceAccountUsername,
  serviceAccountGroups,
  type User,
} from './user.ts';

/** The user that the request's `Impersonate-*` headers name, or `user` itself without any; throws 403 when he may not. */
export function impersonate(request: IncomingMessage, user: User, authorizer: Authorizer): User {
  if (!Object.keys(request.headers).some((name) => name.startsWith(PREFIX))) return user;
  const wanted = readHeaders(request);
  if (wanted.username === '') {
    throw badRequest('requested groups, uid or extra without impersonating a user');
  }
  for (const asked of permissionsFor(wanted)) {
    const { isAllowed, reason } = authorizer.authorize(user, asked);
    if (!isAllowed) throw notAllowed(user, asked, reason);
  }
  return {
    username: wanted.username,
    ...(wanted.uid !== '' && { uid: wanted.uid }),
    groups: groupsOf(wanted),
    ...(wanted.extra.length > 0 && { extra: Object.fromEntries(wanted.extra) }),
  };
}

const PREFIX = 'impersonate-';
const EXTRA_PREFIX = `${PREFIX}extra-`;
const ANONYMOUS = 'system:anonymous';
const UNAUTHENTICATED = 'system:unauthenticated';

interface Wanted {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: readonly (readonly [key: string, values: readonly string[]])[];
}

function readHeaders({ headersDistinct: headers }: IncomingMessage): Wanted {
  return {
    username: headers[`${PREFIX}user`]?.[0] ?? '',
    uid: headers[`${PREFIX}uid`]?.[0] ?? '',
    groups: headers[`${PREFIX}group`] ?? [],
    extra: Object.entries(headers).flatMap(([name, values]) =>
      name.startsWith(EXTRA_PREFIX)
        ? [[decoded(name.slice(EXTRA_PREFIX.length)), values ?? []] as const]
        : [],
    ),
  };
}

function permissionsFor({ username, uid, groups, extra }: Wanted): ResourceAttributes[] {
  const verb = 'impersonate';
  const core = { verb, group: '', subresource: '', namespace: '' };
  const ours = { verb, group: 'authentication.k8s.io', subresource: '', namespace: '' };
  const account = parseServiceAccountUsername(username);
  return [
    account
      ? { ...core, resource: 'serviceaccounts', ...account }
      : { ...core, resource: 'users', name: username },
    ...groups.map((name) => ({ ...core, resource: 'groups', name })),
    ...extra.flatMap(([subresource, values]) =>
      values.map((name) => ({ ...ours, resource: 'userextras', subresource, name })),
    ),
    ...(uid === '' ? [] : [{ ...ours, resource: 'uids', name: uid }]),
  ];
}

/** What every authenticated user and every service account is a member of comes by itself. */
function groupsOf({ username, groups }: Wanted): string[] {
  const account = parseServiceAccountUsername(username);
  const named =
    groups.length === 0 && account ? serviceAccountGroups(account.namespace) : [...groups];
  const everybody = username === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED;
  const isSaid = named.includes(AUTHENTICATED) || named.includes(UNAUTHENTICATED);
  return isSaid ? named : [...named, everybody];
}

/** Keys that a header's name cannot carry are percent-encoded. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
