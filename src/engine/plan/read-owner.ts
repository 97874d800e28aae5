import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Job } from 'kubernetes-types/batch/v1.js';
import type { Pod, ReplicationController } from 'kubernetes-types/core/v1.js';
import type { LabelSelector, OwnerReference } from 'kubernetes-types/meta/v1.js';
import { KubeError, type Kube, type KubeObject } from '../../kube/index.ts';

/** The Pod's controller, as far as routes need to know it. */
export type Owner =
  | {
      readonly kind: 'ReplicaSet';
      readonly replicaSet: ReplicaSet;
      /** Present when a Deployment owns the ReplicaSet. */
      readonly deployment?: Deployment;
    }
  | { readonly kind: 'StatefulSet'; readonly statefulSet: StatefulSet }
  | { readonly kind: 'DaemonSet'; readonly daemonSet: DaemonSet }
  | { readonly kind: 'ReplicationController'; readonly controller: ReplicationController }
  | { readonly kind: 'Job'; readonly job: Job }
  | {
      readonly kind: 'Other';
      readonly reference: OwnerReference;
      /** By its own `spec.selector`; absent where there is none, or none that could be read. */
      readonly selector?: LabelSelector;
    };

/** Follows the controller reference; an owner that is gone (or another object of that name) is no owner. */
export async function readOwner(
  kube: Kube,
  pod: Pod,
  signal?: AbortSignal,
): Promise<Owner | undefined> {
  const reference = pod.metadata?.ownerReferences?.find(({ controller }) => controller);
  if (!reference) return undefined;
  const owners = { kube, namespace: pod.metadata?.namespace, signal };
  // By kind and group: others have a StatefulSet and a DaemonSet, too (apps.kruise.io).
  switch (`${reference.apiVersion.replace(/\/.*/, '')}/${reference.kind}`) {
    case 'apps/ReplicaSet': {
      const replicaSet = await read<ReplicaSet>(owners, reference);
      if (!replicaSet) return undefined;
      const parent = replicaSet.metadata?.ownerReferences?.find(
        ({ controller, kind, apiVersion }) =>
          controller && kind === 'Deployment' && apiVersion.startsWith('apps/'),
      );
      const deployment = parent && (await read<Deployment>(owners, parent));
      return { kind: 'ReplicaSet', replicaSet, ...(deployment && { deployment }) };
    }
    case 'apps/StatefulSet': {
      const statefulSet = await read<StatefulSet>(owners, reference);
      return statefulSet && { kind: 'StatefulSet', statefulSet };
    }
    case 'apps/DaemonSet': {
      const daemonSet = await read<DaemonSet>(owners, reference);
      return daemonSet && { kind: 'DaemonSet', daemonSet };
    }
    case 'v1/ReplicationController': {
      const controller = await read<ReplicationController>(owners, reference);
      return controller && { kind: 'ReplicationController', controller };
    }
    case 'batch/Job': {
      const job = await read<Job>(owners, reference);
      return job && { kind: 'Job', job };
    }
    default:
      return await readOther(owners, reference);
  }
}

interface Owners {
  readonly kube: Kube;
  readonly namespace: string | undefined;
  readonly signal: AbortSignal | undefined;
}

const resources = {
  ReplicaSet: 'replicasets',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  ReplicationController: 'replicationcontrollers',
  Job: 'jobs',
} as const;

async function read<T extends KubeObject>(
  { kube, namespace, signal }: Owners,
  { kind, name, uid }: OwnerReference,
): Promise<T | undefined> {
  const resource = resources[kind as keyof typeof resources];
  const object = await kube.get<T>({ resource, namespace, name }, { signal });
  return object?.metadata?.uid === uid ? object : undefined;
}

/** A kind of somebody else's: nearly all of them claim Pods by a `spec.selector`, as upstream's do. */
async function readOther(
  { kube, namespace, signal }: Owners,
  reference: OwnerReference,
): Promise<Owner | undefined> {
  const other = { kind: 'Other', reference } as const;
  let object: (KubeObject & { readonly spec?: { readonly selector?: unknown } }) | undefined;
  try {
    object = await kube.getByKind({ ...reference, namespace }, { signal });
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return other;
    throw error;
  }
  const { selector } = object?.spec ?? {};
  return isLabelSelector(selector) ? { ...other, selector } : other;
}

function isLabelSelector(value: unknown): value is LabelSelector {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return (
    keys.length > 0 && keys.every((key) => key === 'matchLabels' || key === 'matchExpressions')
  );
}
