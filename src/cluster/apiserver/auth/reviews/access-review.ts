import { type FieldError, invalid } from '../../../machinery/index.ts';
import type { Attributes } from '../attributes.ts';
import type { Authorizer } from '../rbac/authorizer.ts';
import type { User } from '../user.ts';

interface ResourceQuestion {
  readonly namespace?: string;
  readonly verb?: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
}

interface Spec {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly resourceAttributes?: ResourceQuestion;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
}

interface Question {
  readonly kind: string;
  readonly asker: User;
  readonly authorizer: Authorizer;
  /** Of the path; only a LocalSubjectAccessReview has one. */
  readonly namespace: string | undefined;
}

/** `status` of a SubjectAccessReview, a SelfSubjectAccessReview or a LocalSubjectAccessReview. */
export function answerAccessReview(review: object, question: Question): object {
  const { kind, asker, authorizer } = question;
  const { spec = {} } = review as { readonly spec?: Spec };
  const errors = check(spec, question);
  if (errors.length > 0) {
    throw invalid({ group: 'authorization.k8s.io', version: 'v1', kind }, '', errors);
  }
  const user = kind === 'SelfSubjectAccessReview' ? asker : userOf(spec);
  const { isAllowed, reason } = authorizer.authorize(user, attributesOf(spec));
  return { allowed: isAllowed, ...(reason !== '' && { reason }) };
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: Spec): Attributes {
  if (!resourceAttributes) {
    const { path = '', verb = '' } = nonResourceAttributes ?? {};
    return { path, verb };
  }
  const { verb = '', group = '', resource = '', subresource = '' } = resourceAttributes;
  const { namespace = '', name = '' } = resourceAttributes;
  return { verb, group, resource, subresource, namespace, name };
}

function userOf({ user = '', groups = [], uid, extra }: Spec): User {
  return { username: user, groups, ...(uid && { uid }), ...(extra && { extra }) };
}

function check(spec: Spec, { kind, namespace }: Question): FieldError[] {
  const errors: FieldError[] = [];
  const wrong = (field: string, value: unknown, why: string): void => {
    const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
    errors.push({ type: 'FieldValueInvalid', field, message });
  };
  if (spec.resourceAttributes && spec.nonResourceAttributes) {
    wrong(
      'spec.nonResourceAttributes',
      spec.nonResourceAttributes,
      'cannot be specified in combination with resourceAttributes',
    );
  }
  if (!spec.resourceAttributes && !spec.nonResourceAttributes) {
    wrong(
      'spec.resourceAttributes',
      null,
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
  if (kind === 'SelfSubjectAccessReview') return errors;
  if (!spec.user && !spec.groups?.length) {
    wrong('spec.user', '', 'at least one of user or group must be specified');
  }
  if (kind === 'LocalSubjectAccessReview') {
    const asked = spec.resourceAttributes?.namespace ?? '';
    if (spec.resourceAttributes && asked !== namespace) {
      wrong('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace');
    }
    if (spec.nonResourceAttributes) {
      wrong(
        'spec.nonResourceAttributes',
        spec.nonResourceAttributes,
        'disallowed on this kind of request',
      );
    }
  }
  return errors;
}
