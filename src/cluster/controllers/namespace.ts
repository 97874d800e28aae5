import type { Namespace, NamespaceCondition } from 'kubernetes-types/core/v1.js';
import type { KubeObject } from '../api.ts';
import { isNotFound } from './api-errors.ts';
import { timestamp } from './clock.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { isBeingDeleted, metaOf } from './object-meta.ts';
import type { Controller, ControllerContext } from './runner.ts';
import { COLLECTED_KINDS, SERVED_KINDS, type ServedKind } from './served-kinds.ts';

const FINALIZER = 'kubernetes';

/** Empties a namespace that is being deleted and lets it go when nothing is left in it. */
export function namespaceController({ api, informers, clock }: ControllerContext): Controller {
  const namespaces = informers.of('namespaces');

  return {
    name: 'namespace',
    watch(queue) {
      namespaces.onChange(({ object }) => {
        if (isBeingDeleted(object)) queue.add(metaOf(object).name);
      });
      for (const { resource } of COLLECTED_KINDS.filter(({ isNamespaced }) => isNamespaced)) {
        informers.of(resource).onChange(({ type, object }) => {
          const name = object.metadata?.namespace ?? '';
          if (type === 'ADDED') return;
          if (isBeingDeleted(namespaces.get({ name }) ?? {})) queue.add(name);
        });
      }
    },
    reconcile(name) {
      const namespace = namespaces.get({ name });
      if (!namespace || !isBeingDeleted(namespace)) return;
      // KEP-5080: what guards the Pods (a NetworkPolicy, say) must not go before them.
      const pods = emptyAll(POD_KINDS, name);
      const remaining = pods.length > 0 ? pods : emptyAll(OTHER_KINDS, name);
      const reported = report(namespace, remaining);
      if (remaining.length === 0) finalize(reported);
    },
  };

  function emptyAll(kinds: readonly ServedKind[], namespace: string): readonly Remaining[] {
    return kinds.flatMap(({ resource, group }) => {
      const objects = empty(resource, namespace);
      return objects.length > 0 ? [{ resource: `${resource}.${group}`, objects }] : [];
    });
  }

  /** Deletes all objects of the kind; returns those that take their time. */
  function empty(resource: string, namespace: string): readonly KubeObject[] {
    for (const object of api.list(resource, { namespace })) {
      if (isBeingDeleted(object)) continue;
      const { name } = metaOf(object);
      try {
        api.delete(resource, { namespace, name }, { propagationPolicy: 'Background' });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return api.list(resource, { namespace });
  }

  function report(namespace: Namespace, remaining: readonly Remaining[]): Namespace {
    const before = namespace.status?.conditions ?? [];
    const conditions = conditionsOf(remaining, before, timestamp(clock.now()));
    const isSame =
      conditions.length === before.length &&
      conditions.every((next, index) => next === before[index]);
    if (isSame) return namespace;
    return api.update<Namespace>(
      'namespaces',
      { ...namespace, status: { ...namespace.status, phase: 'Terminating', conditions } },
      { subresource: 'status', fieldManager: FIELD_MANAGER },
    );
  }

  function finalize(namespace: Namespace): void {
    const finalizers = namespace.spec?.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) return;
    api.update(
      'namespaces',
      { ...namespace, spec: { finalizers: finalizers.filter((held) => held !== FINALIZER) } },
      { subresource: 'finalize', fieldManager: FIELD_MANAGER },
    );
  }
}

const NAMESPACED = SERVED_KINDS.filter(({ isNamespaced }) => isNamespaced);
const POD_KINDS = NAMESPACED.filter(({ resource }) => resource === 'pods');
const OTHER_KINDS = NAMESPACED.filter(({ resource }) => resource !== 'pods');

interface Remaining {
  /** `pods.`, `deployments.apps`: the core group has no name, and upstream minds its dot. */
  readonly resource: string;
  readonly objects: readonly KubeObject[];
}

/** As `kubectl describe namespace` shows them; a condition that says what it said before is kept as it is. */
function conditionsOf(
  remaining: readonly Remaining[],
  before: readonly NamespaceCondition[],
  now: string,
): NamespaceCondition[] {
  const instances = remaining
    .map(({ resource, objects }) => `${resource} has ${objects.length} resource instances`)
    .sort();
  const held = finalizersOf(remaining);
  const wanted: readonly Omit<NamespaceCondition, 'lastTransitionTime'>[] = [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    instances.length > 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${instances.join(', ')}`,
        }
      : {
          type: 'NamespaceContentRemaining',
          status: 'False',
          reason: 'ContentRemoved',
          message: 'All content successfully removed',
        },
    held.length > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
  return wanted.map((condition) => {
    const known = before.find(({ type }) => type === condition.type);
    if (known?.status === condition.status && known.message === condition.message) return known;
    const isTransition = known?.status !== condition.status;
    return {
      ...condition,
      lastTransitionTime: (!isTransition && known?.lastTransitionTime) || now,
    };
  });
}

function finalizersOf(remaining: readonly Remaining[]): string[] {
  const finalizers = remaining.flatMap(({ objects }) =>
    objects.flatMap(({ metadata }) => metadata?.finalizers ?? []),
  );
  return [...Map.groupBy(finalizers, (finalizer) => finalizer)].map(
    ([finalizer, holders]) => `${finalizer} in ${holders.length} resource instances`,
  );
}
