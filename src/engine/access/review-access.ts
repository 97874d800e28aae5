import { KubeError, type Kube } from '../../kube/index.ts';
import type { AccessRule } from './required-rules.ts';

/** What a user lacks of a list of rules. */
export interface AccessReview {
  /** As the server knows the user (the kubeconfig's name for him where it does not say). */
  readonly user: string;
  readonly missing: readonly AccessRule[];
  /** Rules that the server could not judge, and why: neither granted nor missing. */
  readonly unknown: readonly { readonly rule: AccessRule; readonly reason: string }[];
}

/** Asks the server for each rule at once (SelfSubjectAccessReview): nothing is written by that. */
export async function reviewAccess(
  kube: Kube,
  namespace: string,
  rules: readonly AccessRule[],
  signal?: AbortSignal,
): Promise<AccessReview> {
  const [user, ...answers] = await Promise.all([
    whoIs(kube, signal),
    ...rules.map((rule) => ask(kube, namespace, rule, signal)),
  ]);
  const missing: AccessRule[] = [];
  const unknown: { rule: AccessRule; reason: string }[] = [];
  for (const [at, rule] of rules.entries()) {
    const answer = answers[at];
    if (answer === false) missing.push(rule);
    else if (typeof answer === 'string') unknown.push({ rule, reason: answer });
  }
  return { user, missing, unknown };
}

interface SubjectAccessReview {
  readonly spec: { readonly resourceAttributes: Readonly<Record<string, string | undefined>> };
  readonly status?: { readonly allowed?: boolean; readonly evaluationError?: string };
}

/** Allowed or not; a reason where the server cannot tell. */
async function ask(
  kube: Kube,
  namespace: string,
  { group, resource: path, verb, name }: AccessRule,
  signal: AbortSignal | undefined,
): Promise<boolean | string> {
  const [resource, subresource] = path.split('/');
  const resourceAttributes = { namespace, group, resource, subresource, verb, name };
  try {
    const { status = {} } = await kube.create<SubjectAccessReview>(
      'selfsubjectaccessreviews',
      { spec: { resourceAttributes } },
      { signal },
    );
    // An authorizer that fails has not said no.
    return status.allowed ? true : (status.evaluationError ?? '') || false;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof KubeError) return error.message;
    throw error;
  }
}

/** SelfSubjectReview (1.28): the name that roles are bound to, which a kubeconfig need not know. */
async function whoIs(kube: Kube, signal: AbortSignal | undefined): Promise<string> {
  try {
    const { status } = await kube.create<{
      readonly status?: { readonly userInfo?: { readonly username?: string } };
    }>('selfsubjectreviews', {}, { signal });
    return status?.userInfo?.username ?? kube.user;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof KubeError) return kube.user;
    throw error;
  }
}
