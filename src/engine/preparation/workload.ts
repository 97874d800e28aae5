import type { DaemonSet, Deployment, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { matchesMap, matchesSelector } from '../plan/labels.ts';
import { notFound } from '../plan/not-found.ts';
import type { PrepareRequest } from './preparation.ts';

export type Workload =
  | { readonly kind: 'deployment'; readonly object: Deployment }
  | { readonly kind: 'statefulset'; readonly object: StatefulSet }
  | { readonly kind: 'daemonset'; readonly object: DaemonSet };

/** All that a preparation is decided from. */
export interface Surroundings {
  readonly workload: Workload;
  /** Those asked for, or every one that selects the Pods of the template. */
  readonly services: readonly Service[];
  /** Every Pod of the namespace that is not being deleted. */
  readonly pods: readonly Pod[];
}

const kinds = {
  deploy: 'deployment',
  deployment: 'deployment',
  deployments: 'deployment',
  sts: 'statefulset',
  statefulset: 'statefulset',
  statefulsets: 'statefulset',
  ds: 'daemonset',
  daemonset: 'daemonset',
  daemonsets: 'daemonset',
} as const;

/** Reads the workload, its Services and the Pods. Throws `target-not-found`. */
export async function readSurroundings(
  kube: Kube,
  request: PrepareRequest,
  signal: AbortSignal,
): Promise<Surroundings> {
  const { namespace, target } = request;
  const workload = await readWorkload(kube, request, signal);
  const [services, pods] = await Promise.all([
    kube.list<Service>('services', { namespace, signal }),
    kube.list<Pod>('pods', { namespace, signal }),
  ]);
  const labels = templateLabels(workload);
  const wanted = request.services;
  const missing = wanted?.find((name) => !services.some(({ metadata }) => metadata?.name === name));
  if (missing !== undefined) {
    const hint = `kubectl get services -n ${namespace}`;
    const name = `service/${missing}`;
    throw await notFound(kube, { kind: 'target', name, namespace, hint, signal });
  }
  const selecting = services.filter(({ spec, metadata }) => {
    if (wanted && !wanted.includes(metadata?.name ?? '')) return false;
    return spec?.type !== 'ExternalName' && matchesMap(spec?.selector, labels);
  });
  const other = wanted?.find((name) => !selecting.some(({ metadata }) => metadata?.name === name));
  if (other !== undefined) {
    throw new PitstopError(
      'target-not-found',
      `service/${other} does not select the Pods of ${target} in namespace ${namespace}`,
      { hint: `kubectl get service ${other} -n ${namespace} -o jsonpath='{.spec.selector}'` },
    );
  }
  return {
    workload,
    services: selecting,
    pods: pods.filter(({ metadata }) => !metadata?.deletionTimestamp),
  };
}

async function readWorkload(
  kube: Kube,
  { target, namespace }: PrepareRequest,
  signal: AbortSignal,
): Promise<Workload> {
  const [word = '', name = ''] = target.split('/');
  const kind = kinds[word as keyof typeof kinds];
  if (!kind || !name) {
    throw new PitstopError('target-not-found', `'${target}' cannot be prepared`, {
      hint: 'deploy/NAME, sts/NAME or ds/NAME: what has a Pod template and rolls it out',
    });
  }
  const reference = { resource: `${kind}s` as const, namespace, name };
  const object = await kube.get<Deployment & StatefulSet & DaemonSet>(reference, { signal });
  if (!object) {
    const hint = `kubectl get ${kind}s -n ${namespace}`;
    throw await notFound(kube, { kind: 'target', name: target, namespace, hint, signal });
  }
  return { kind, object };
}

export function describeWorkload({ kind, object }: Workload): string {
  return `${kind}/${object.metadata?.name}`;
}

export function templateLabels({ object }: Workload): Readonly<Record<string, string>> {
  return object.spec?.template.metadata?.labels ?? {};
}

/** Whether a Pod is one of the workload's, by its labels and its controller. */
export function isOf({ kind, object }: Workload, { metadata }: Pod): boolean {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  const isDirect = kind === 'deployment' ? owner?.kind === 'ReplicaSet' : true;
  return (
    matchesSelector(object.spec?.selector, metadata?.labels ?? {}) &&
    isDirect &&
    (kind === 'deployment' || owner?.uid === object.metadata?.uid)
  );
}
