/* oxlint-disable typescript/no-unnecessary-type-parameters -- the contract's: callers say what kind they read */
import type { Binding } from 'kubernetes-types/core/v1.js';
import type {
  Api,
  DeleteOptions,
  KubeObject,
  ListOptions,
  ObjectKey,
  PatchOptions,
  WatchEvent,
  WriteOptions,
} from '../api.ts';
import { type Change, keyOf, parseFieldSelector, parseLabelSelector } from '../store/index.ts';
import { cloneJson } from './pipeline/clone-json.ts';
import type { PipelineContext, Write } from './pipeline/context.ts';
import { create } from './pipeline/create.ts';
import { deleteObject } from './pipeline/delete.ts';
import { patch } from './pipeline/patch.ts';
import { update } from './pipeline/update.ts';
import { METADATA_FIELDS } from './resources/field-readers.ts';
import { resourceNamed } from './resources/registry.ts';
import type { Resource } from './resources/resource.ts';
import type { Draft } from './strategy/strategy.ts';
import { bind } from './subresources/binding.ts';
import { evict } from './subresources/eviction.ts';
import { withScale, scaleOf } from './subresources/scale.ts';
import { badRequest } from './words.ts';

/** The `Api` contract over the pipeline: what controllers and kubelet write with. */
export function createLocalApi(context: PipelineContext): Api {
  const collection = (plural: string) => context.store.collection(resourceNamed(plural).plural);
  return {
    get: <T>(plural: string, { namespace, name }: ObjectKey) =>
      collection(plural).get(keyOf(namespace, name))?.object as T | undefined,
    list: <T>(plural: string, options: ListOptions = {}) =>
      listObjects(context, plural, options) as T[],
    create: <T>(plural: string, object: T, options: WriteOptions = {}) =>
      createObject(context, resourceNamed(plural), cloneJson(object) as Draft, options) as T,
    update: <T>(plural: string, object: T, options: WriteOptions = {}) =>
      updateObject(context, resourceNamed(plural), cloneJson(object) as Draft, options) as T,
    patch: <T>(plural: string, key: ObjectKey, body: unknown, options: PatchOptions) =>
      patch(context, resourceNamed(plural), key, cloneJson(body), {
        ...writeOf(options),
        type: options.type,
        force: options.force ?? false,
      }).object as T,
    delete: <T>(plural: string, key: ObjectKey, options: DeleteOptions = {}) =>
      deleteObject(context, resourceNamed(plural), key, options).object as T,
    watch: <T>(
      plural: string,
      listener: (event: WatchEvent<T>) => void,
      options: { readonly namespace?: string } = {},
    ) => {
      const watched = collection(plural);
      for (const { object } of watched.entries(options.namespace)) {
        listener({ type: 'ADDED', object: object as T });
      }
      return watched.subscribe((change) => {
        if (!options.namespace || change.entry.object.metadata?.namespace === options.namespace) {
          listener(eventOf<T>(change));
        }
      });
    },
  };
}

function eventOf<T>({ type, entry, previous }: Change): WatchEvent<T> {
  return {
    type,
    object: entry.object as T,
    ...(previous && { previous: previous.object as T }),
  };
}

function listObjects(context: PipelineContext, plural: string, options: ListOptions): KubeObject[] {
  const resource = resourceNamed(plural);
  const objects = context.store
    .collection(resource.plural)
    .entries(options.namespace)
    .map(({ object }) => object);
  const hasLabels = parseLabelSelector(options.labelSelector ?? '');
  const hasFields = parseFieldSelector(options.fieldSelector ?? '', {
    ...METADATA_FIELDS,
    ...resource.fields,
  });
  return objects.filter((object) => hasLabels(object.metadata?.labels) && hasFields(object));
}

function createObject(
  context: PipelineContext,
  resource: Resource,
  object: Draft,
  options: WriteOptions,
): KubeObject {
  const write = writeOf(options);
  const key = keyOfObject(object);
  if (options.subresource === 'binding')
    return bind(context, key, object as unknown as Binding, write);
  if (options.subresource === 'eviction') return evict(context, key, object, write);
  if (options.subresource !== undefined) {
    throw badRequest(`nothing is created at ${resource.plural}/${options.subresource}`);
  }
  return create(context, resource, object, write);
}

function updateObject(
  context: PipelineContext,
  resource: Resource,
  object: Draft,
  options: WriteOptions,
): KubeObject {
  const write = writeOf(options);
  const key = keyOfObject(object);
  if (options.subresource === 'scale') {
    return scaleOf(
      update(context, resource, key, (live) => withScale(live as Draft, object), write) as Draft,
    );
  }
  return update(context, resource, key, () => object, { ...write, isReplace: true });
}

function keyOfObject({ metadata }: Draft): ObjectKey {
  return { namespace: metadata?.namespace, name: metadata?.name ?? '' };
}

function writeOf({ fieldManager = 'unknown', dryRun = false, subresource }: WriteOptions): Write {
  return { manager: fieldManager, dryRun, subresource };
}
