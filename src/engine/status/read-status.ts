import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { KubeError, type Kube } from '../../kube/index.ts';
import type { PitstopError } from '../errors.ts';
import { listTargetPods } from '../fleet/target-pods.ts';
import { notFound } from '../plan/not-found.ts';
import { targetResource, targetSelection } from '../plan/target.ts';
import { serverNowMs } from '../session/server-now.ts';
import { composeStatus } from './compose-status.ts';
import { narrowStatus, type StatusScope } from './narrow-status.ts';
import type { StatusObjects } from './records.ts';
import type { StatusReport } from './report.ts';

export interface StatusRequest {
  readonly namespace: string;
  /** Of every namespace; goes with no target. */
  readonly allNamespaces?: boolean | undefined;
  /** `POD`, `pod/NAME`, a workload's `deploy/NAME`, … or `svc/NAME`. */
  readonly target?: string | undefined;
}

/** Services, what their slices list, and every session of which a record is left. */
export async function readStatus(
  kube: Kube,
  request: StatusRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<StatusReport> {
  const namespace = request.allNamespaces ? undefined : request.namespace;
  const options = { namespace, signal };
  const [services, slices, endpoints, pods] = await Promise.all([
    kube.list<Service>('services', options),
    kube.list<EndpointSlice>('endpointslices', options),
    listEndpoints(kube, options),
    kube.list<Pod>('pods', options),
  ]);
  const objects = { services, slices, endpoints, pods };
  const nowMs = serverNowMs(kube);
  const report = composeStatus(objects, { namespace: namespace ?? '', nowMs });
  const scope = await scopeOf(kube, request, { objects, report, signal });
  return scope ? narrowStatus(report, scope) : report;
}

/** Deprecated, and seldom allowed: of interest only where an entry was taken out by hand. */
async function listEndpoints(
  kube: Kube,
  options: { readonly namespace: string | undefined; readonly signal: AbortSignal },
): Promise<readonly Endpoints[]> {
  try {
    return await kube.list<Endpoints>('endpoints', options);
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return [];
    throw error;
  }
}

async function scopeOf(
  kube: Kube,
  { namespace, target }: StatusRequest,
  {
    objects,
    report,
    signal,
  }: {
    readonly objects: StatusObjects;
    readonly report: StatusReport;
    readonly signal: AbortSignal;
  },
): Promise<StatusScope | undefined> {
  if (target === undefined) return undefined;
  const name = target.replace(/^[^/]*\//, '');
  const resource = targetResource(target);
  if (resource === 'services') {
    if (report.services.some((service) => service.name === name)) return { service: name };
    throw await missing(kube, { target, namespace, signal });
  }
  if (resource !== undefined) {
    const selects = await targetSelection(kube, target, namespace, signal);
    const pods = await listTargetPods(kube, { namespace, selects, signal });
    return { pods: new Set(pods.map(({ metadata }) => metadata?.name ?? '')) };
  }
  // One that is gone may have left something.
  const isKnown =
    objects.pods.some(({ metadata }) => metadata?.name === name) ||
    report.sessions.some(({ pod }) => pod === name);
  if (!isKnown) throw await missing(kube, { target, namespace, signal });
  return { pods: new Set([name]) };
}

function missing(
  kube: Kube,
  wanted: { readonly target: string; readonly namespace: string; readonly signal: AbortSignal },
): Promise<PitstopError> {
  const { target: name, namespace } = wanted;
  const hint = `kubectl pitstop status -n ${namespace}`;
  return notFound(kube, { kind: 'target', name, hint, ...wanted });
}
