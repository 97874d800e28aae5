import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../api.ts';
import { type ServiceAccountName, serviceAccountUsername } from './user.ts';

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
/** Whom a token is for when nobody says. */
export const API_AUDIENCES: readonly string[] = [ISSUER];
export const LEGACY_ISSUER = 'kubernetes/serviceaccount';

interface Ref {
  readonly name: string;
  readonly uid: string;
}

/** What stands under `kubernetes.io` in a token: the objects it lives and dies with. */
interface Binding {
  readonly namespace: string;
  readonly serviceaccount: Ref;
  readonly pod?: Ref;
  readonly secret?: Ref;
  readonly node?: Ref;
  /** Seconds since 1970. */
  readonly warnafter?: number;
}

/** RFC 7519, and ours. Times in seconds since 1970. */
export interface Claims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly iss: string;
  readonly jti: string;
  readonly 'kubernetes.io': Binding;
  readonly nbf: number;
  readonly sub: string;
}

export interface BoundTo {
  readonly serviceAccount: KubeObject;
  readonly pod?: KubeObject | undefined;
  readonly secret?: KubeObject | undefined;
  readonly node?: KubeObject | undefined;
}

export interface Terms {
  readonly audiences: readonly string[];
  readonly seconds: number;
  readonly now: Date;
  /** Upstream counts the uses of tokens older than this. */
  readonly warnAfterSeconds?: number | undefined;
}

export function claimsFor(bound: BoundTo, terms: Terms): Claims {
  const at = Math.floor(terms.now.getTime() / 1000);
  const { serviceAccount, pod, secret, node } = bound;
  return {
    aud: terms.audiences,
    exp: at + terms.seconds,
    iat: at,
    iss: ISSUER,
    jti: randomUUID(),
    'kubernetes.io': {
      namespace: serviceAccount.metadata?.namespace ?? '',
      ...(node && { node: refOf(node) }),
      ...(pod && { pod: refOf(pod) }),
      ...(secret && { secret: refOf(secret) }),
      serviceaccount: refOf(serviceAccount),
      ...(terms.warnAfterSeconds !== undefined && { warnafter: at + terms.warnAfterSeconds }),
    },
    nbf: at,
    sub: serviceAccountUsername(nameOf(serviceAccount)),
  };
}

/** What stands in a Secret of type kubernetes.io/service-account-token: good as long as the Secret is. */
export interface LegacyClaims {
  readonly iss: typeof LEGACY_ISSUER;
  readonly 'kubernetes.io/serviceaccount/namespace': string;
  readonly 'kubernetes.io/serviceaccount/secret.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.name': string;
  readonly 'kubernetes.io/serviceaccount/service-account.uid': string;
  readonly sub: string;
}

export function legacyClaimsFor(serviceAccount: KubeObject, secretName: string): LegacyClaims {
  const { namespace, name } = nameOf(serviceAccount);
  return {
    iss: LEGACY_ISSUER,
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': secretName,
    'kubernetes.io/serviceaccount/service-account.name': name,
    'kubernetes.io/serviceaccount/service-account.uid': serviceAccount.metadata?.uid ?? '',
    sub: serviceAccountUsername({ namespace, name }),
  };
}

function nameOf({ metadata }: KubeObject): ServiceAccountName {
  return { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
}

function refOf({ metadata }: KubeObject): Ref {
  return { name: metadata?.name ?? '', uid: metadata?.uid ?? '' };
}
