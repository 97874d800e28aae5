import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { KubeError, type Kube } from '../../../kube/index.ts';
import { selectorText } from '../../plan/labels.ts';
import { isListedReady } from '../../plan/traffic.ts';
import { hasRecord } from '../../session/record.ts';
import { insist, isPassing } from '../../steps/insist.ts';
import { watchUntil } from '../../steps/watch-until.ts';
import { desiredSubsets } from './desired-subsets.ts';
import { isControllers, isOwn, serviceNameLabel, skipMirrorLabel } from './managed-slices.ts';
import { deleteSlice } from './send-writes.ts';

interface Leaving {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly onWarning: (message: string) => void;
}

/** How long the Endpoints controller may take to write the labels anew. */
const controllerPatienceMs = 3_000;
/** And how long the EndpointSlice controller may take to list everything. */
const slicesPatienceMs = 10_000;

/**
 * Once the selector is back: the stand-in's own slices go as soon as the controller's list all that
 * they list, and the Endpoints lose the mark that kept them from being mirrored.
 */
export async function leaveNothing(kube: Kube, service: Service, options: Leaving): Promise<void> {
  await Promise.all([
    removeOwnSlices(kube, service, options),
    insist(
      options,
      () => unmarkEndpoints(kube, service, options),
      (error) => isPassing(error) || (error instanceof KubeError && error.code === 'conflict'),
    ),
  ]);
}

async function removeOwnSlices(
  kube: Kube,
  service: Service,
  { signal, timeoutMs, onWarning }: Leaving,
): Promise<void> {
  const { namespace = '', name = '' } = service.metadata ?? {};
  const options = { namespace, labelSelector: `${serviceNameLabel}=${name}`, signal };
  const own = (
    await insist({ signal, timeoutMs }, () => kube.list<EndpointSlice>('endpointslices', options))
  ).filter(isOwn);
  if (own.length === 0) return;
  const late = new Error('the controller has not listed what these slices list');
  try {
    await watchUntil<EndpointSlice, true>(
      kube,
      'endpointslices',
      { ...options, timeoutMs: slicesPatienceMs, onTimeout: () => late },
      (slices) => {
        const listed = readyAddresses(slices.filter(isControllers));
        return [...readyAddresses(own)].every((address) => listed.has(address)) ? true : undefined;
      },
    );
  } catch (error) {
    if (error !== late) throw error;
    onWarning(
      `service/${name}: the EndpointSlice controller does not list all that pitstop had listed meanwhile`,
    );
  }
  if (!(await isControllersAgain(kube, service, signal))) return;
  await Promise.all(
    own.map((slice) =>
      insist({ signal, timeoutMs }, () => deleteSlice(kube, slice)).catch((error: unknown) => {
        if (!(error instanceof KubeError) || error.code !== 'not-found') throw error;
      }),
    ),
  );
}

/** The next session may have taken the selector already: then all this is its own again. */
async function isControllersAgain(
  kube: Kube,
  { metadata }: Service,
  signal: AbortSignal,
): Promise<boolean> {
  const { namespace, name = '' } = metadata ?? {};
  const now = await kube.get<Service>({ resource: 'services', namespace, name }, { signal });
  return now === undefined || !hasRecord(now);
}

function readyAddresses(slices: readonly EndpointSlice[]): ReadonlySet<string> {
  return new Set(
    slices
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(isListedReady)
      .flatMap(({ addresses }) => addresses),
  );
}

/** The Endpoints controller gives Endpoints the labels of their Service; where it does not run, we do. */
async function unmarkEndpoints(kube: Kube, service: Service, { signal }: Leaving): Promise<void> {
  const { namespace = '', name = '', labels = {} } = service.metadata ?? {};
  const { selector = {} } = service.spec ?? {};
  const wanted = labels[skipMirrorLabel];
  const isRight = (endpoints: Endpoints | undefined) =>
    endpoints === undefined || endpoints.metadata?.labels?.[skipMirrorLabel] === wanted;
  const key = { resource: 'endpoints', namespace, name } as const;
  if (isRight(await kube.get<Endpoints>(key, { signal }))) return;
  const late = new Error('nobody has written the Endpoints');
  try {
    await watchUntil<Endpoints, true>(
      kube,
      'endpoints',
      {
        namespace,
        fieldSelector: `metadata.name=${name}`,
        signal,
        timeoutMs: controllerPatienceMs,
        onTimeout: () => late,
      },
      ([now]) => (isRight(now) ? true : undefined),
    );
    return;
  } catch (error) {
    if (error !== late) throw error;
  }
  const [endpoints, pods] = await Promise.all([
    kube.get<Endpoints>(key, { signal }),
    kube.list<Pod>('pods', { namespace, labelSelector: selectorText(selector), signal }),
  ]);
  if (isRight(endpoints) || !(await isControllersAgain(kube, service, signal))) return;
  const { uid, resourceVersion } = endpoints?.metadata ?? {};
  const { subsets } = desiredSubsets({
    service,
    selector,
    pods,
    out: new Set(),
    zones: new Map(),
  });
  await kube.patch(
    key,
    { metadata: { uid, resourceVersion, labels: { [skipMirrorLabel]: wanted ?? null } }, subsets },
    { type: 'merge' },
  );
}
