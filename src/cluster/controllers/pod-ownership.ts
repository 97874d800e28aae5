import type { Pod } from 'kubernetes-types/core/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { KubeObject } from '../api.ts';
import { labelSelectorMatcher } from '../store/index.ts';
import { claim } from './controller-claims.ts';
import type { Informer } from './informer.ts';
import { SelectorIndex } from './label-index.ts';
import { controllerOf, isBeingDeleted, metaOf, queueKey } from './object-meta.ts';
import type { ControllerContext, Queue } from './runner.ts';

type Workload = KubeObject & { readonly spec?: { readonly selector?: LabelSelector } };

export interface PodOwnership<T> {
  /** Queues the owner of every Pod that changes, and whoever may want one that has no owner. */
  watch(queue: Queue): void;
  /** Adopts and releases Pods, and returns those that are the owner's now. */
  claim(owner: T): Pod[];
  /** The same without claiming anything: after a `claim`, what has become of its Pods. */
  held(owner: T): Pod[];
}

/** Which Pods belong to which workload of one kind: by controller reference and selector. */
export function podOwnership<T extends KubeObject>(
  { api, informers }: ControllerContext,
  owners: Informer<T>,
  {
    kind,
    selectorOf = ({ spec }: Workload) => spec?.selector,
    isCandidate = () => true,
    isMember = () => true,
    finalizer,
  }: {
    readonly kind: string;
    readonly selectorOf?: (owner: T) => LabelSelector | undefined;
    /** What is not is neither claimed nor let go. */
    readonly isCandidate?: (pod: Pod) => boolean;
    /** What is not is no Pod of the owner's, whatever its labels say. */
    readonly isMember?: (owner: T, pod: Pod) => boolean;
    /** Put on Pods with their adoption, and taken off with their release. */
    readonly finalizer?: string;
  },
): PodOwnership<T> {
  const pods = informers.of('pods');
  const podLabels = pods.labels();
  const podsByController = pods.byController();
  const selecting = new SelectorIndex(owners, selectorOf);

  return {
    watch(queue) {
      pods.onChange(({ object, previous }) => {
        for (const state of [object, previous]) {
          const owner = state && ownerOf(state);
          if (owner) queue.add(queueKey(owner));
        }
        if (controllerOf(object) || isBeingDeleted(object)) return;
        const { namespace = '', labels } = metaOf(object);
        for (const owner of selecting.selecting(namespace, labels)) {
          if (isMember(owner, object)) queue.add(queueKey(owner));
        }
      });
    },
    claim(owner) {
      const { namespace = '', uid } = metaOf(owner);
      // Upstream walks every Pod of the namespace; only these can make a difference.
      const orphans = podLabels
        .select(namespace, selectorOf(owner))
        .filter((pod) => !controllerOf(pod));
      const candidates = [...podsByController.get(uid), ...orphans].filter(isCandidate);
      claim(candidates, { api, owner, resource: 'pods', matches: matcher(owner), finalizer });
      // Read anew: adopting a Pod has changed it.
      return held(owner);
    },
    held,
  };

  function held(owner: T): Pod[] {
    const matches = matcher(owner);
    return [...podsByController.get(metaOf(owner).uid)].filter(
      (pod) => isCandidate(pod) && matches(pod),
    );
  }

  function matcher(owner: T): (pod: Pod) => boolean {
    const selects = labelSelectorMatcher(selectorOf(owner));
    return (pod) => selects(pod.metadata?.labels) && isMember(owner, pod);
  }

  function ownerOf(object: KubeObject): T | undefined {
    const owner = controllerOf(object);
    if (owner?.kind !== kind) return undefined;
    const found = owners.get({ namespace: object.metadata?.namespace, name: owner.name });
    return found?.metadata?.uid === owner.uid ? found : undefined;
  }
}
