import type { Pod } from 'kubernetes-types/core/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import { ApiError } from '../../api-error.ts';
import type { IssueToken, KubeObject, ObjectKey } from '../../api.ts';
import { type FieldError, invalid, recordUpdate } from '../../machinery/index.ts';
import { keyOf, type Store } from '../../store/index.ts';
import { timestamp } from '../pipeline/context.ts';
import { orderedMetadata } from '../pipeline/metadata.ts';
import { resourceNamed } from '../resources/registry.ts';
import type { Draft } from '../strategy/strategy.ts';
import { badRequest, notFound } from '../words.ts';
import { API_AUDIENCES, type BoundTo } from './claims.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

const TOKEN_REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };

const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
/** What the volume of every Pod asks for, by which upstream knows it: such a token is good for a year. */
export const AUTOMOUNTED_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 3600;

export interface TokenRequestOptions {
  readonly store: Store;
  readonly tokens: ServiceAccountTokens;
  readonly now: () => Date;
  /** Whom managedFields name. */
  readonly manager: string;
}

interface Spec {
  readonly audiences?: readonly string[] | null;
  readonly expirationSeconds?: number | null;
  readonly boundObjectRef?: {
    readonly kind?: string;
    readonly apiVersion?: string;
    readonly name?: string;
    readonly uid?: string;
  } | null;
}

/** POST serviceaccounts/NAME/token: the request with its `status` filled in. */
export function answerTokenRequest(
  options: TokenRequestOptions,
  key: ObjectKey,
  request: object,
): Draft {
  const { store, tokens, now } = options;
  const { metadata = {}, spec: asked = {} } = request as {
    metadata?: ObjectMeta;
    spec?: Spec;
  };
  requireSamePlace(metadata, key);
  const serviceAccount = found(store, 'serviceaccounts', key);
  const audiences = asked.audiences?.length ? asked.audiences : API_AUDIENCES;
  const seconds = asked.expirationSeconds ?? DEFAULT_SECONDS;
  const errors = checkSeconds(seconds);
  if (errors.length > 0) throw invalid(TOKEN_REQUEST, '', errors);
  const bound = boundTo(store, { serviceAccount, ref: asked.boundObjectRef });
  const isExtended =
    bound.pod !== undefined &&
    seconds === AUTOMOUNTED_SECONDS &&
    audiences.every((audience) => API_AUDIENCES.includes(audience));
  const at = now();
  const token = tokens.issue(bound, {
    audiences,
    seconds: isExtended ? EXTENDED_SECONDS : seconds,
    ...(isExtended && { warnAfterSeconds: seconds }),
  });
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: orderedMetadata({
      ...metadata,
      name: key.name,
      ...(key.namespace !== undefined && { namespace: key.namespace }),
      creationTimestamp: timestamp(at),
      managedFields: recordUpdate({
        gvk: TOKEN_REQUEST,
        live: undefined,
        next: request,
        manager: options.manager,
        subresource: 'token',
        time: timestamp(at),
      }),
    }),
    spec: { ...asked, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestamp(new Date(at.getTime() + seconds * 1000)) },
  };
}

/** The same for the kubelet, in process. */
export function tokenIssuer(known: Omit<TokenRequestOptions, 'manager'>): IssueToken {
  const options = { ...known, manager: 'kubelet' };
  return ({ namespace, serviceAccount, pod, audience, seconds }) => {
    const { status } = answerTokenRequest(
      options,
      { namespace, name: serviceAccount },
      {
        spec: {
          ...(audience !== undefined && { audiences: [audience] }),
          ...(seconds !== undefined && { expirationSeconds: seconds }),
          ...(pod && { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', ...pod } }),
        },
      },
    ) as { status?: { token?: string; expirationTimestamp?: string } };
    return { token: status?.token ?? '', expiresAt: status?.expirationTimestamp ?? '' };
  };
}

function boundTo(
  store: Store,
  {
    serviceAccount,
    ref,
  }: { readonly serviceAccount: KubeObject; readonly ref: Spec['boundObjectRef'] | undefined },
): BoundTo {
  if (!ref) return { serviceAccount };
  const { namespace, name: account } = serviceAccount.metadata ?? {};
  const { kind = '', apiVersion = '', name = '', uid } = ref;
  if (apiVersion !== 'v1' || !['Pod', 'Secret', 'Node'].includes(kind)) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  const plural = `${kind.toLowerCase()}s`;
  const object = found(store, plural, { ...(kind !== 'Node' && { namespace }), name });
  if (uid && uid !== object.metadata?.uid) {
    throw new ApiError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${kind} "${name}": the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      { name, kind },
    );
  }
  if (kind === 'Secret') return { serviceAccount, secret: object };
  if (kind === 'Node') return { serviceAccount, node: object };
  const { spec } = object as Pod;
  if (spec?.serviceAccountName !== account) {
    throw badRequest(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
    );
  }
  const node = store.collection('nodes').get(spec?.nodeName ?? '')?.object;
  return { serviceAccount, pod: object, node };
}

function found(store: Store, plural: string, { namespace, name }: ObjectKey): KubeObject {
  const object = store.collection(plural).get(keyOf(namespace, name))?.object;
  if (!object) throw notFound(resourceNamed(plural), name);
  return object;
}

function checkSeconds(seconds: number): FieldError[] {
  const wrong = (why: string): FieldError => ({
    type: 'FieldValueInvalid',
    field: 'spec.expirationSeconds',
    message: `Invalid value: ${seconds}: ${why}`,
  });
  return [
    ...(seconds < MIN_SECONDS ? [wrong('may not specify a duration less than 10 minutes')] : []),
    ...(seconds > MAX_SECONDS
      ? [wrong('may not specify a duration larger than 2^32 seconds')]
      : []),
  ];
}

function requireSamePlace(metadata: object, { namespace, name }: ObjectKey): void {
  const said = metadata as { readonly name?: string; readonly namespace?: string };
  const wrong = (field: string, value: string, what: string): never => {
    const message = `Invalid value: ${JSON.stringify(value)}: must match the service account ${what} if specified`;
    throw invalid(TOKEN_REQUEST, name, [{ type: 'FieldValueInvalid', field, message }]);
  };
  if (said.name && said.name !== name) wrong('metadata.name', said.name, 'name');
  if (said.namespace && said.namespace !== namespace) {
    wrong('metadata.namespace', said.namespace, 'namespace');
  }
}
