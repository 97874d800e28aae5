import type { Binding } from 'kubernetes-types/core/v1.js';
import { ApiError } from '../../api-error.ts';
import type { PatchType } from '../../api.ts';
import { decodeApplyPatch, decodeBody, decodePatched } from '../../machinery/index.ts';
import { keyOf } from '../../store/index.ts';
import { create } from '../pipeline/create.ts';
import { timestamp } from '../pipeline/context.ts';
import { patch, patchObject } from '../pipeline/patch.ts';
import { update } from '../pipeline/update.ts';
import { apiVersionOf } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { bind } from '../subresources/binding.ts';
import { evict } from '../subresources/eviction.ts';
import { scaleOf, withScale, workloadOf } from '../subresources/scale.ts';
import { answerTokenRequest } from '../auth/token-request.ts';
import { answerReview, isReview } from '../reviews.ts';
import { badRequest } from '../words.ts';
import { negotiate, notAcceptable } from './accept.ts';
import { isTrue, readBody } from './exchange.ts';
import { sendObject, sendPlain } from './respond.ts';
import { keyOfTarget, type Target } from './target.ts';
import { checkPatchQuery, type WriteQuery, writeQueryOf } from './write-options.ts';

/** POST: a new object, a review to be answered, or an order to a Pod (binding, eviction). */
export async function postOne(target: Target): Promise<void> {
  const { context, resource, stored, subresource } = target;
  const query = queryOf(target, 'CreateOptions');
  const object = await decode(target, query);
  if (isReview(resource)) {
    // There are no rows of reviews.
    if (negotiate(target.exchange.request.headers.accept) !== 'object') throw notAcceptable();
    sendPlain(
      target,
      201,
      answerReview(resource, object, {
        ...target,
        namespace: target.path.namespace,
        manager: query.manager,
        time: timestamp(context.now()),
      }),
    );
    return;
  }
  if (resource.plural === 'bindings' || subresource?.name === 'binding') {
    bind(
      context,
      { ...keyOfTarget(target), name: object.metadata.name ?? '' },
      object as unknown as Binding,
      query,
    );
    sendPlain(target, 201, SUCCESS);
    return;
  }
  if (subresource?.name === 'token') {
    const { tokens } = target.access;
    const options = { store: context.store, now: context.now, tokens, manager: query.manager };
    sendPlain(target, 201, answerTokenRequest(options, keyOfTarget(target), object));
    return;
  }
  if (subresource?.name === 'eviction') {
    sendPlain(target, 201, evict(context, keyOfTarget(target), object, query));
    return;
  }
  sendObject(target, 201, create(context, stored, toStored(target, object), query));
}

const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** PUT: the whole object, its status, or its Scale. */
export async function putOne(target: Target): Promise<void> {
  const { context, stored, subresource } = target;
  const query = queryOf(target, 'UpdateOptions');
  const object = await decode(target, query);
  const key = keyOfTarget(target);
  requireSameName(object, key.name);
  if (subresource?.name === 'scale') {
    const changed = update(context, stored, key, (live) => withScale(live as Draft, object), query);
    sendPlain(target, 200, scaleOf(changed as Draft));
    return;
  }
  const next = toStored(target, object);
  const exists = context.store.collection(stored.plural).get(keyOf(key.namespace, key.name));
  if (!exists && stored.createsOnUpdate && !subresource && !next.metadata.resourceVersion) {
    sendObject(target, 201, create(context, stored, next, query));
  } else {
    sendObject(
      target,
      200,
      update(context, stored, key, () => next, { ...query, isReplace: true }),
    );
  }
}

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

export async function patchOne(target: Target): Promise<void> {
  const { exchange, context, resource, stored, subresource } = target;
  const query = queryOf(target, 'PatchOptions');
  const mediaType = (exchange.request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const type = PATCH_TYPES[mediaType];
  if (!type) {
    throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
  checkPatchQuery(exchange.url.searchParams, type === 'apply');
  const body = await readBody(exchange.request);
  const key = keyOfTarget(target);
  if (type === 'apply') {
    applyOne(target, body, query);
    return;
  }
  const document = parsePatch(body);
  const { warnings } = exchange;
  const decoded = (patched: object): object => {
    const { object, warnings: found } = decodePatched(patched, {
      resource: subresource?.group
        ? { ...resource, ...subresource, group: subresource.group }
        : resource,
      fieldValidation: query.fieldValidation,
      type,
      patch: document,
    });
    warnings.push(...found);
    return object as object;
  };
  if (subresource?.name === 'scale') {
    const changed = update(
      context,
      stored,
      key,
      (live) => {
        const scale = decoded(patchObject(resource, scaleOf(live as Draft), document, type));
        return withScale(live as Draft, scale as Draft);
      },
      query,
    );
    sendPlain(target, 200, scaleOf(changed as Draft));
    return;
  }
  const { object } = patch(context, stored, key, document, {
    ...query,
    type,
    patchedAs: resource,
    decode: decoded,
    ...(resource.storedAs && { convert: resource.storedAs }),
  });
  sendObject(target, 200, object);
}

function applyOne(target: Target, body: Buffer, query: WriteQuery): void {
  const { exchange, context, resource, stored, subresource } = target;
  const isScale = subresource?.name === 'scale';
  const { object, warnings } = decodeApplyPatch(body, query);
  exchange.warnings.push(...warnings);
  const applied = isScale ? workloadOf(resource, object) : object;
  const outcome = patch(context, stored, keyOfTarget(target), applied, {
    ...query,
    type: 'apply',
    patchedAs: resource,
    ...(resource.storedAs && { convert: resource.storedAs }),
    force: isTrue(exchange.url.searchParams.get('force')),
  });
  if (isScale) sendPlain(target, 200, scaleOf(outcome.object as Draft));
  else sendObject(target, outcome.isCreated ? 201 : 200, outcome.object);
}

function parsePatch(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : ''}`);
  }
}

function queryOf(
  { exchange, resource, subresource, access, user }: Target,
  kind: Parameters<typeof writeQueryOf>[0],
): WriteQuery {
  return {
    ...writeQueryOf(kind, exchange.url.searchParams, exchange.request, subresource?.name),
    grantor: { user, authorizer: access.authorizer },
    ...(resource.storedAs && { writtenAs: apiVersionOf(resource) }),
  };
}

/** The body as an object of the target's kind, with the path's namespace. */
async function decode(target: Target, { fieldValidation }: WriteQuery): Promise<Draft> {
  const { exchange, path, resource, subresource } = target;
  const body = await readBody(exchange.request);
  const { object, warnings } = decodeBody(body, exchange.request.headers['content-type'] ?? '', {
    resource: {
      group: subresource?.group ?? resource.group,
      version: subresource?.version ?? resource.version,
      kind: subresource?.kind ?? resource.kind,
    },
    fieldValidation,
  });
  exchange.warnings.push(...warnings);
  const draft = object as Draft;
  draft.metadata = { ...draft.metadata };
  if (!resource.namespaced) return draft;
  const { namespace } = draft.metadata;
  if (namespace && namespace !== path.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  draft.metadata.namespace = path.namespace ?? '';
  return draft;
}

function requireSameName(object: Draft, name: string): void {
  const { metadata } = object;
  if (metadata.name && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  metadata.name = name;
}

function toStored({ resource }: Target, object: Draft): Draft {
  return resource.storedAs ? (resource.storedAs.toStored(object) as Draft) : object;
}
