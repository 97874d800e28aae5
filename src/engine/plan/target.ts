import type { Pod, ReplicationController, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { Kube, ResourceName } from '../../kube/index.ts';
import { PitstopError } from '../errors.ts';
import { isReady } from './is-ready.ts';
import { matchesMap, matchesSelector, type Labels } from './labels.ts';
import { notFound } from './not-found.ts';
import { endpointsOf, selectorOf, sliceService } from './traffic.ts';
import { recordAnnotation } from '../annotations.ts';
import { readRecord } from '../session/record.ts';

const workloads: Readonly<Record<string, ResourceName>> = {
  deploy: 'deployments',
  deployment: 'deployments',
  deployments: 'deployments',
  rs: 'replicasets',
  replicaset: 'replicasets',
  replicasets: 'replicasets',
  sts: 'statefulsets',
  statefulset: 'statefulsets',
  statefulsets: 'statefulsets',
  ds: 'daemonsets',
  daemonset: 'daemonsets',
  daemonsets: 'daemonsets',
  rc: 'replicationcontrollers',
  replicationcontroller: 'replicationcontrollers',
  replicationcontrollers: 'replicationcontrollers',
  job: 'jobs',
  jobs: 'jobs',
};
const services = new Set(['svc', 'service', 'services']);
const pods = new Set(['po', 'pod', 'pods']);

/** What has to be read to know which Pod a target means; undefined where it names the Pod. */
export function targetResource(target: string): ResourceName | undefined {
  const [kind = ''] = partsOf(target);
  return services.has(kind) ? 'services' : workloads[kind];
}

/**
 * The name of the Pod that a target means. A workload or Service means its oldest Pod that is Ready
 * and held by no session: the oldest is the likeliest to survive on its way back.
 */
export async function resolveTarget(
  kube: Kube,
  target: string,
  namespace: string,
  signal?: AbortSignal,
): Promise<string> {
  const [kind, name, rest] = partsOf(target);
  if (!kind || !name || rest !== undefined) throw unknownTarget(target);
  if (pods.has(kind)) return name;

  const select = await targetSelection(kube, target, namespace, signal);
  const found = (await kube.list<Pod>('pods', { namespace, signal })).filter(select);
  const [best] = found
    .filter(
      ({ metadata, status }) =>
        isReady(status?.conditions) &&
        !metadata?.deletionTimestamp &&
        metadata?.annotations?.[recordAnnotation] === undefined,
    )
    .sort((a, b) =>
      `${a.metadata?.creationTimestamp} ${a.metadata?.name}`.localeCompare(
        `${b.metadata?.creationTimestamp} ${b.metadata?.name}`,
      ),
    );
  if (!best?.metadata?.name) {
    throw new PitstopError(
      'target-not-found',
      `${target} in namespace ${namespace} has no Pod that is Ready and in no session (${found.length} Pods in all)`,
      { hint: `kubectl get pods -n ${namespace}` },
    );
  }
  return best.metadata.name;
}

/** Which Pods of the namespace a workload or Service means. Throws for a single Pod's name. */
export async function targetSelection(
  kube: Kube,
  target: string,
  namespace: string,
  signal?: AbortSignal,
): Promise<Selection> {
  const [kind, name, rest] = partsOf(target);
  if (!kind || !name || rest !== undefined || pods.has(kind)) throw unknownTarget(target);
  return services.has(kind)
    ? await serviceSelection(kube, { namespace, name, target, signal })
    : await workloadSelection(kube, workloads[kind], { namespace, name, target, signal });
}

/** `deployment.apps/web`, as `kubectl get -o name` prints it, is `deployment/web`. */
function partsOf(target: string): readonly string[] {
  if (!target.includes('/')) return ['pod', target];
  const [kind = '', ...rest] = target.split('/');
  return [kind.replace(/\..*/, ''), ...rest];
}

export type Selection = (pod: Pod) => boolean;
interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly target: string;
  readonly signal: AbortSignal | undefined;
}

async function serviceSelection(kube: Kube, wanted: Wanted): Promise<Selection> {
  const { namespace, name, signal } = wanted;
  const service = await kube.get<Service>({ resource: 'services', namespace, name }, { signal });
  if (!service) throw await missing(kube, wanted);
  const selector = selectorOf(service);
  if (Object.keys(selector).length > 0) {
    return ({ metadata }) => matchesMap(selector, metadata?.labels ?? {});
  }
  // Without a selector its Pods are those that its slices list, whoever wrote them, and those that
  // sessions have taken out of them.
  const slices = await kube.list<EndpointSlice>('endpointslices', { namespace, signal });
  const own = slices.filter((slice) => sliceService(slice) === name);
  return (pod) => own.some((slice) => endpointsOf(slice, pod).length > 0) || wasTakenOut(pod, name);
}

function wasTakenOut(pod: Pod, service: string): boolean {
  try {
    return readRecord(pod)?.services.includes(service) ?? false;
  } catch (error) {
    if (error instanceof PitstopError) return false;
    throw error;
  }
}

async function workloadSelection(
  kube: Kube,
  resource: ResourceName | undefined,
  wanted: Wanted,
): Promise<Selection> {
  if (!resource) throw unknownTarget(wanted.target);
  const { namespace, name, signal } = wanted;
  const workload = await kube.get<Workload | ReplicationController>(
    { resource, namespace, name },
    { signal },
  );
  if (!workload) throw await missing(kube, wanted);
  const { selector } = workload.spec ?? {};
  return ({ metadata }) =>
    resource === 'replicationcontrollers'
      ? matchesMap(selector as Labels, metadata?.labels ?? {})
      : matchesSelector(selector, metadata?.labels ?? {});
}

interface Workload {
  readonly spec?: { readonly selector?: LabelSelector };
}

function missing(kube: Kube, { target, namespace, signal }: Wanted): Promise<PitstopError> {
  const hint = `kubectl get all -n ${namespace}`;
  return notFound(kube, { kind: 'target', name: target, namespace, hint, signal });
}

function unknownTarget(target: string): PitstopError {
  return new PitstopError('target-not-found', `'${target}' is no target pitstop knows`, {
    hint: 'POD, pod/NAME, deploy/NAME, rs/NAME, sts/NAME, ds/NAME, rc/NAME, job/NAME or svc/NAME',
  });
}
