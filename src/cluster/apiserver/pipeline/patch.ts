import type { KubeObject, ObjectKey, PatchType } from '../../api.ts';
import { applyDefaults, serverSideApply, strategicMergePatch } from '../../machinery/index.ts';
import { keyOf } from '../../store/index.ts';
import type { Resource } from '../resources/resource.ts';
import type { Draft } from '../strategy/strategy.ts';
import { badRequest, notFound } from '../words.ts';
import { type PipelineContext, timestamp, type Write } from './context.ts';
import { createDefaulted } from './create.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { draftOf } from './metadata.ts';
import { update } from './update.ts';

export interface Patch extends Write {
  readonly type: PatchType;
  readonly force?: boolean;
  /** The kind that the patch speaks of, when that is not the stored one. */
  readonly patchedAs?: Resource;
  /** Types what came out of the patch; throws 422 for unknown fields and wrong types. */
  readonly decode?: (patched: object) => object;
  /** Between the stored form and the one that the patch speaks of. */
  readonly convert?: {
    readonly fromStored: (object: Record<string, unknown>) => Record<string, unknown>;
    readonly toStored: (object: Record<string, unknown>) => Record<string, unknown>;
  };
}

export interface Patched {
  readonly object: KubeObject;
  /** Only a server-side apply creates. */
  readonly isCreated: boolean;
}

/** One object changed by a patch of any of the four types; the patched object then goes through `update`. */
export function patch(
  context: PipelineContext,
  resource: Resource,
  key: ObjectKey,
  body: unknown,
  options: Patch,
): Patched {
  const { type } = options;
  if (type === 'apply') return apply(context, resource, key, body, options);
  const { patchedAs = resource, decode = same } = options;
  const { fromStored = same, toStored = same } = options.convert ?? {};
  const mutate = (live: KubeObject): object => {
    const before = fromStored(live as Record<string, unknown>);
    const patched = decode(patchObject(patchedAs, before, body, type)) as Draft;
    requireSamePlace(patched, key);
    return toStored(patched);
  };
  return { object: update(context, resource, key, mutate, options), isCreated: false };
}

/** The patched object; `type` is any but `apply`, which needs to know who owns what. */
export function patchObject(
  resource: Resource,
  live: object,
  body: unknown,
  type: Exclude<PatchType, 'apply'>,
): object {
  switch (type) {
    case 'json':
      return jsonPatch(live, body);
    case 'merge':
      return requireObject(mergePatch(live, requireObject(body)));
    case 'strategic':
      return requireObject(strategicMergePatch(resource, live, requireObject(body)));
    default:
      throw new TypeError(`no such patch type: ${type satisfies never}`);
  }
}

function apply(
  context: PipelineContext,
  resource: Resource,
  key: ObjectKey,
  body: unknown,
  options: Patch,
): Patched {
  const applied = requireObject(body) as Draft;
  if (applied.metadata?.managedFields !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const { patchedAs = resource } = options;
  const { fromStored = same, toStored = same } = options.convert ?? {};
  requireSamePlace(applied, key);
  const merge = (live: KubeObject | undefined): Draft => {
    const merged = serverSideApply({
      gvk: patchedAs,
      live: live && fromStored(live as Record<string, unknown>),
      applied: { ...applied, metadata: { ...applied.metadata, name: key.name } },
      manager: options.manager,
      force: options.force ?? false,
      subresource: options.subresource,
      time: timestamp(context.now()),
    });
    const next = toStored(merged) as Draft;
    // A precondition, as in every other write; nobody owns it.
    const { resourceVersion } = applied.metadata ?? {};
    return resourceVersion ? { ...next, metadata: { ...next.metadata, resourceVersion } } : next;
  };
  const entry = context.store.collection(resource.plural).get(keyOf(key.namespace, key.name));
  if (entry) {
    const object = update(context, resource, key, merge, { ...options, isApply: true });
    return { object, isCreated: false };
  }
  if (options.subresource !== undefined || applied.metadata?.uid)
    throw notFound(resource, key.name);
  const merged = draftOf(resource, applyDefaults(resource, merge(undefined)));
  merged.metadata.name = key.name;
  if (key.namespace) merged.metadata.namespace = key.namespace;
  return {
    object: createDefaulted(context, resource, merged, { ...options, isApply: true }),
    isCreated: true,
  };
}

/** No patch moves an object. */
function requireSamePlace({ metadata }: Partial<Draft>, key: ObjectKey): void {
  const { name, namespace } = metadata ?? {};
  if (name && name !== key.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${key.name})`,
    );
  }
  if (namespace && namespace !== (key.namespace ?? '')) {
    throw badRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the request (${key.namespace})`,
    );
  }
}

function requireObject(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw badRequest(
    'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  );
}

function same<T>(object: T): T {
  return object;
}
