import { createPrivateKey } from 'node:crypto';
import type { Secret } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../../api.ts';
import { keyOf, type Store } from '../../store/index.ts';
import {
  API_AUDIENCES,
  type BoundTo,
  type Claims,
  claimsFor,
  ISSUER,
  LEGACY_ISSUER,
  type LegacyClaims,
  legacyClaimsFor,
  type Terms,
} from './claims.ts';
import { keySet, signingKey, signToken, verifyToken } from './json-web-token.ts';
import { quoted } from './quoted.ts';
import { AUTHENTICATED, CREDENTIAL_ID, serviceAccountGroups, type User } from './user.ts';

/** Who a token stands for and for whom it is meant; or why a token of ours is not good any more. */
export type TokenVerdict =
  | { readonly user: User; readonly audiences: readonly string[] }
  | { readonly error: string };

/** Makes the cluster's tokens and knows them again. */
export interface ServiceAccountTokens {
  readonly issue: (bound: BoundTo, terms: Omit<Terms, 'now'>) => string;
  /** The everlasting kind that a Secret carries. */
  readonly issueLegacy: (serviceAccount: KubeObject, secretName: string) => string;
  /** Undefined for what is not a token of this cluster. */
  readonly review: (token: string, audiences: readonly string[]) => TokenVerdict | undefined;
  /** RFC 7517 */
  readonly keySet: object;
}

/** As many as one cluster's Pods have; a client that sends ever new ones must not fill the memory. */
const MAX_REMEMBERED = 2000;

/** `key` is the PEM of the cluster's private key for tokens. */
export function createServiceAccountTokens(options: {
  readonly key: string;
  readonly store: Store;
  readonly now: () => Date;
}): ServiceAccountTokens {
  const { store, now } = options;
  const key = signingKey(createPrivateKey(options.key));
  // That a signature is genuine stays true; everything else is asked at each use.
  const genuine = new Map<string, Claims | LegacyClaims>();

  function claimsOf(token: string): Claims | LegacyClaims | undefined {
    const known = genuine.get(token);
    if (known) return known;
    const claims = verifyToken(token, key);
    if (claims?.['iss'] !== ISSUER && claims?.['iss'] !== LEGACY_ISSUER) return undefined;
    if (genuine.size >= MAX_REMEMBERED) genuine.clear();
    const ours = claims as unknown as Claims | LegacyClaims;
    genuine.set(token, ours);
    return ours;
  }

  return {
    issue: (bound, terms) => signToken(claimsFor(bound, { ...terms, now: now() }), key),
    issueLegacy: (account, secretName) => signToken(legacyClaimsFor(account, secretName), key),
    review(token, audiences) {
      const claims = claimsOf(token);
      if (!claims) return undefined;
      if (claims.iss === LEGACY_ISSUER) {
        return reviewLegacy(store, token, claims as LegacyClaims, audiences);
      }
      return reviewBound(store, claims as Claims, { audiences, now: now() });
    },
    keySet: keySet(key),
  };
}

/** Clocks differ; this much is forgiven, also to an object that is already being deleted. */
const LEEWAY_MS = 60_000;
const INVALIDATED = { error: 'service account token has been invalidated' };

function reviewBound(
  store: Store,
  claims: Claims,
  { audiences, now }: { readonly audiences: readonly string[]; readonly now: Date },
): TokenVerdict {
  if (now.getTime() > claims.exp * 1000 + LEEWAY_MS) {
    return { error: 'service account token has expired' };
  }
  if (now.getTime() < claims.nbf * 1000 - LEEWAY_MS) {
    return { error: 'service account token is not valid yet' };
  }
  const shared = claims.aud.filter((audience) => audiences.includes(audience));
  if (shared.length === 0) {
    return {
      error: `token audiences ${quoted(claims.aud)} is invalid for the target audiences ${quoted(audiences)}`,
    };
  }
  const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
  const account = accountOf(store, namespace, serviceaccount, now);
  if ('error' in account) return account;
  for (const [plural, ref] of [
    ['pods', pod],
    ['secrets', secret],
  ] as const) {
    if (!ref) continue;
    const found = store.collection(plural).get(keyOf(namespace, ref.name))?.object;
    if (!found || isLongDeleted(found, now)) return INVALIDATED;
    if (found.metadata?.uid !== ref.uid) {
      return {
        error: `${plural.slice(0, -1)} UID (${found.metadata?.uid}) does not match service account ${plural.slice(0, -1)} ref claim (${ref.uid})`,
      };
    }
  }
  // A node of its own accord only: a Pod's token outlives the node it was on.
  if (node && !pod) {
    const found = store.collection('nodes').get(node.name)?.object;
    if (found?.metadata?.uid !== node.uid) return INVALIDATED;
  }
  return {
    audiences: shared,
    user: {
      username: claims.sub,
      uid: serviceaccount.uid,
      groups: [...serviceAccountGroups(namespace), AUTHENTICATED],
      extra: {
        [CREDENTIAL_ID]: [`JTI=${claims.jti}`],
        ...(node && {
          'authentication.kubernetes.io/node-name': [node.name],
          'authentication.kubernetes.io/node-uid': [node.uid],
        }),
        ...(pod && {
          'authentication.kubernetes.io/pod-name': [pod.name],
          'authentication.kubernetes.io/pod-uid': [pod.uid],
        }),
      },
    },
  };
}

function reviewLegacy(
  store: Store,
  token: string,
  claims: LegacyClaims,
  audiences: readonly string[],
): TokenVerdict | undefined {
  const shared = API_AUDIENCES.filter((audience) => audiences.includes(audience));
  if (shared.length === 0) return undefined;
  const namespace = claims['kubernetes.io/serviceaccount/namespace'];
  const secret = store
    .collection('secrets')
    .get(keyOf(namespace, claims['kubernetes.io/serviceaccount/secret.name']))?.object as
    | Secret
    | undefined;
  if (!secret || secret.metadata?.deletionTimestamp) return INVALIDATED;
  if (Buffer.from(secret.data?.['token'] ?? '', 'base64').toString() !== token) {
    return { error: "service account token doesn't match the server's copy" };
  }
  const ref = {
    name: claims['kubernetes.io/serviceaccount/service-account.name'],
    uid: claims['kubernetes.io/serviceaccount/service-account.uid'],
  };
  const account = accountOf(store, namespace, ref);
  if ('error' in account) return account;
  return {
    audiences: shared,
    user: {
      username: claims.sub,
      uid: ref.uid,
      groups: [...serviceAccountGroups(namespace), AUTHENTICATED],
    },
  };
}

function accountOf(
  store: Store,
  namespace: string,
  { name, uid }: { readonly name: string; readonly uid: string },
  now = new Date(),
): KubeObject | { readonly error: string } {
  const found = store.collection('serviceaccounts').get(keyOf(namespace, name))?.object;
  if (!found) return { error: `serviceaccounts "${name}" not found` };
  if (isLongDeleted(found, now)) {
    return { error: `service account ${namespace}/${name} has been deleted` };
  }
  if (found.metadata?.uid !== uid) {
    return {
      error: `service account UID (${found.metadata?.uid}) does not match claim (${uid})`,
    };
  }
  return found;
}

function isLongDeleted({ metadata }: KubeObject, now: Date): boolean {
  const at = metadata?.deletionTimestamp;
  return at !== undefined && Date.parse(at) < now.getTime() - LEEWAY_MS;
}
