import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod, ReplicationController } from 'kubernetes-types/core/v1.js';
import { eventRecorder } from '../event-recorder.ts';
import { FIELD_MANAGER } from '../field-manager.ts';
import type { Informer } from '../informer.ts';
import { controllerOf, isBeingDeleted, metaOf, parseQueueKey, queueKey } from '../object-meta.ts';
import { podOwnership } from '../pod-ownership.ts';
import { isPodActive, isPodTerminal, msUntilNextAvailable } from '../pod-status.ts';
import type { Controller, ControllerContext } from '../runner.ts';
import { isSemanticallyEqual } from '../semantic-equality.ts';
import { manageReplicas } from './replicas.ts';
import { replicaSetStatus } from './status.ts';

/** Keeps each ReplicaSet at its number of Pods: adopts, releases, creates, deletes. */
export function replicaSetController(context: ControllerContext): Controller {
  return replicasController<ReplicaSet>(context, {
    kind: 'ReplicaSet',
    resource: 'replicasets',
    component: 'replicaset-controller',
    asReplicaSet: (set) => set,
  });
}

/** A ReplicationController is a ReplicaSet with a plainer selector. */
export function replicationController(context: ControllerContext): Controller {
  return replicasController<ReplicationController>(context, {
    kind: 'ReplicationController',
    resource: 'replicationcontrollers',
    component: 'replication-controller',
    asReplicaSet: (controller) =>
      // The kind stays what it is: what is made of it names its owner by it.
      ({
        ...controller,
        spec: { ...controller.spec, selector: { matchLabels: controller.spec?.selector ?? {} } },
      }) as unknown as ReplicaSet,
  });
}

interface Kind<T> {
  readonly kind: string;
  readonly resource: string;
  /** In whose name the Events are written. */
  readonly component: string;
  readonly asReplicaSet: (owner: T) => ReplicaSet;
}

function replicasController<T extends ReplicaSet | ReplicationController>(
  context: ControllerContext,
  { kind, resource, component, asReplicaSet }: Kind<T>,
): Controller {
  const { api, informers, clock } = context;
  const owners = informers.of(resource) as unknown as Informer<T>;
  const sets = informers.of('replicasets');
  const pods = informers.of('pods');
  const podLabels = pods.labels();
  const podsByController = pods.byController();
  const setsByController = sets.byController();
  const ownership = podOwnership<T>(context, owners, {
    kind,
    selectorOf: (owner) => asReplicaSet(owner).spec?.selector,
    isCandidate: isPodActive,
  });
  const recordEvent = eventRecorder(api, clock, component);

  return {
    name: kind.toLowerCase(),
    watch(queue) {
      owners.onChange(({ object }) => queue.add(queueKey(object)));
      ownership.watch(queue);
    },
    reconcile(key) {
      const owner = owners.get(parseQueueKey(key));
      if (!owner) return undefined;
      const set = asReplicaSet(owner);
      const now = clock.now();
      const active = ownership.claim(owner);
      const error = isBeingDeleted(set)
        ? undefined
        : manageReplicas(set, active, {
            api,
            recordEvent,
            related: () => relatedPods(set),
            now,
          });
      // Counted anew: what was just created or deleted is in the picture already.
      const remaining = ownership.held(owner);
      const terminating = [...podsByController.get(metaOf(set).uid)].filter(
        (pod) => isBeingDeleted(pod) && !isPodTerminal(pod),
      ).length;
      updateStatus(owner, { pods: remaining, terminating, error, now });
      if (error !== undefined) throw error;
      const minReadySeconds = set.spec?.minReadySeconds ?? 0;
      const requeueAfterMs = msUntilNextAvailable(remaining, { minReadySeconds, now });
      return requeueAfterMs === undefined ? undefined : { requeueAfterMs };
    },
  };

  /** Pods of all ReplicaSets of the same Deployment: where they run decides who dies first. */
  function relatedPods(set: ReplicaSet): Iterable<Pod> {
    const owner = controllerOf(set);
    const family = owner ? [...setsByController.get(owner.uid)] : [set];
    const seen = new Map<string, Pod>();
    for (const { metadata, spec } of family) {
      for (const pod of podLabels.select(metadata?.namespace ?? '', spec?.selector)) {
        seen.set(metaOf(pod).uid, pod);
      }
    }
    return seen.values();
  }

  function updateStatus(owner: T, input: Parameters<typeof replicaSetStatus>[1]): void {
    const { terminatingReplicas, ...counts } = replicaSetStatus(asReplicaSet(owner), input);
    const status = kind === 'ReplicaSet' ? { ...counts, terminatingReplicas } : counts;
    if (isSemanticallyEqual(status, owner.status ?? {})) return;
    // Deleting the last Pod may have ended the owner too (foreground deletion).
    if (!owners.get(metaOf(owner))) return;
    api.update(
      resource,
      { ...owner, status },
      { subresource: 'status', fieldManager: FIELD_MANAGER },
    );
  }
}
