import type { DaemonSet, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Job } from 'kubernetes-types/batch/v1.js';
import type { ReplicationController } from 'kubernetes-types/core/v1.js';
import type { LabelSelector, ObjectMeta } from 'kubernetes-types/meta/v1.js';
import type { ResourceName } from '../../kube/index.ts';
import { matchesSelector, type Labels } from './labels.ts';

/** A workload that adopts Pods which nobody owns and its selector picks (ControllerRefManager). */
export interface Claimant {
  /** `replicaset/web-5dcf5564cc`. */
  readonly object: string;
  readonly uid: string;
  readonly selector: LabelSelector;
}

/** Of Jobs only those whose selector was made by hand may pick a Pod that is not their own. */
export async function listClaimants(
  look: <T>(resource: ResourceName) => Promise<readonly T[] | undefined>,
): Promise<readonly Claimant[]> {
  const [replicaSets = [], statefulSets = [], daemonSets = [], controllers = [], jobs = []] =
    await Promise.all([
      look<ReplicaSet>('replicasets'),
      look<StatefulSet>('statefulsets'),
      look<DaemonSet>('daemonsets'),
      look<ReplicationController>('replicationcontrollers'),
      look<Job>('jobs'),
    ]);
  return [
    ...claimants('replicaset', replicaSets),
    ...claimants('statefulset', statefulSets),
    ...claimants('daemonset', daemonSets),
    ...claimants(
      'job',
      jobs.filter(({ spec }) => spec?.manualSelector),
    ),
    ...claimants(
      'replicationcontroller',
      controllers.map(({ metadata, spec }) => ({
        metadata,
        spec: { selector: { matchLabels: spec?.selector ?? {} } },
      })),
    ),
  ];
}

function claimants(
  kind: string,
  workloads: readonly {
    readonly metadata?: ObjectMeta | undefined;
    readonly spec?: { readonly selector?: LabelSelector };
  }[],
): readonly Claimant[] {
  return workloads.flatMap(({ metadata, spec }) =>
    spec?.selector && metadata?.deletionTimestamp === undefined
      ? [{ object: `${kind}/${metadata?.name}`, uid: metadata?.uid ?? '', selector: spec.selector }]
      : [],
  );
}

/** Who would adopt a Pod that nobody owns and that has these labels; `except` (a uid) is not asked. */
export function adopterOf(
  claimantsOfNamespace: readonly Claimant[],
  labels: Labels,
  except?: string,
): string | undefined {
  return claimantsOfNamespace.find(
    ({ uid, selector }) => uid !== except && matchesSelector(selector, labels),
  )?.object;
}
