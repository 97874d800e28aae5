import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { KubeError, type Kube, type KubeObject, type ResourceName } from '../../kube/index.ts';
import { serverNowMs } from '../session/server-now.ts';
import { neededApis } from './findings/environment.ts';
import { isVital } from './findings/not-looked-at.ts';
import { lookInside } from './look-inside.ts';
import { readRights } from './read-rights.ts';
import type { Environment, LocalEnvironment, NamespaceWorld, World } from './world.ts';

export interface WorldRequest {
  /** Absent = all namespaces. */
  readonly namespace: string | undefined;
  readonly local: LocalEnvironment;
  /** Also look for what sessions left in containers: an exec in every running Pod. */
  readonly files: boolean;
}

/** Reads all that the doctor judges from; what the user may not list is said, and not judged. */
export async function readWorld(
  kube: Kube,
  request: WorldRequest,
  signal: AbortSignal,
): Promise<World> {
  const environment = await readEnvironment(kube, request.local, request.namespace, signal);
  return { environment, ...(await readObjects(kube, request, signal)) };
}

/** The objects alone: what a second look needs. */
export async function readObjects(
  kube: Kube,
  { namespace, files }: WorldRequest,
  signal: AbortSignal,
): Promise<Omit<World, 'environment'>> {
  const notListed: { resource: ResourceName; message: string }[] = [];
  const listIfAllowed = async <T>(resource: ResourceName): Promise<readonly T[]> => {
    try {
      return await kube.list<T>(resource, { namespace, signal });
    } catch (error) {
      if (!isRefused(error)) throw error;
      notListed.push({ resource, message: error.message });
      return [];
    }
  };
  const [pods, services, slices, endpoints, deployments, replicaSets, statefulSets, daemonSets] =
    await Promise.all([
      listIfAllowed<Pod>('pods'),
      listIfAllowed<Service>('services'),
      listIfAllowed<EndpointSlice>('endpointslices'),
      listIfAllowed<Endpoints>('endpoints'),
      listIfAllowed<Deployment>('deployments'),
      listIfAllowed<ReplicaSet>('replicasets'),
      listIfAllowed<StatefulSet>('statefulsets'),
      listIfAllowed<DaemonSet>('daemonsets'),
    ]);
  const all = {
    pods,
    services,
    slices,
    endpoints,
    deployments,
    replicaSets,
    statefulSets,
    daemonSets,
  };
  return {
    nowMs: serverNowMs(kube),
    // Without Pods every address would look dead, without slices every Pod unlisted.
    namespaces: notListed.some(({ resource }) => isVital(resource))
      ? []
      : byNamespace(all, namespace),
    notListed,
    ...(files ? await lookInside(kube, pods, signal) : { files: [], shut: [] }),
  };
}

type Lists = Omit<NamespaceWorld, 'namespace'>;

function byNamespace(all: Lists, only: string | undefined): readonly NamespaceWorld[] {
  const names = new Set(
    Object.values(all).flatMap((objects: readonly KubeObject[]) =>
      objects.map(({ metadata }) => metadata?.namespace ?? ''),
    ),
  );
  if (only !== undefined) names.add(only);
  const of = <T extends KubeObject>(objects: readonly T[], namespace: string) =>
    objects.filter(({ metadata }) => metadata?.namespace === namespace);
  return [...names].toSorted().map((namespace) => ({
    namespace,
    pods: of(all.pods, namespace),
    services: of(all.services, namespace),
    slices: of(all.slices, namespace),
    endpoints: of(all.endpoints, namespace),
    deployments: of(all.deployments, namespace),
    replicaSets: of(all.replicaSets, namespace),
    statefulSets: of(all.statefulSets, namespace),
    daemonSets: of(all.daemonSets, namespace),
  }));
}

async function readEnvironment(
  kube: Kube,
  local: LocalEnvironment,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<Environment> {
  const [serverVersion, apis] = await Promise.all([
    kube.version({ signal }),
    Promise.all(
      neededApis.map(async (api) => [api, await kube.discover(api, { signal })] as const),
    ),
  ]);
  const minor = Number.isNaN(serverVersion.minor) ? undefined : serverVersion.minor;
  const rights = await readRights(kube, { namespace: namespace ?? '', serverMinor: minor }, signal);
  const { context, server, clockSkewMs } = kube;
  return {
    ...local,
    context,
    server,
    serverVersion,
    clockSkewMs,
    apis: Object.fromEntries(apis),
    rights,
  };
}

function isRefused(error: unknown): error is KubeError {
  return error instanceof KubeError && ['forbidden', 'not-found'].includes(error.code);
}
