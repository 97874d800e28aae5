import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import { KubeError, type Kube, type KubeObject } from '../kube/index.ts';
import { PitstopError } from './errors.ts';
import { isReady } from './plan/is-ready.ts';
import { matchesMap } from './plan/labels.ts';
import { decidePreparation } from './preparation/decide.ts';
import { EndpointCounts } from './preparation/endpoint-counts.ts';
import type {
  EndpointsSeen,
  Preparation,
  PreparationStep,
  PrepareRequest,
} from './preparation/preparation.ts';
import { isRolledOut } from './preparation/rollout.ts';
import { readSurroundings, type Workload } from './preparation/workload.ts';
import { watchUntil } from './steps/watch-until.ts';

const rolloutTimeoutMs = 600_000;
/** The controllers act on a selector within milliseconds; a loaded one may need a second. */
const settleMs = 1_500;

interface PrepareOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** What would prepare the workload for the gentlest route; touches nothing. */
export async function planPreparation(
  kube: Kube,
  request: PrepareRequest,
  { signal = new AbortController().signal }: PrepareOptions = {},
): Promise<Preparation> {
  return decidePreparation(await readSurroundings(kube, request, signal), request);
}

/** Sends every patch with dryRun=All. Throws what the server says against one. */
export async function checkPreparation(
  kube: Kube,
  { status }: Preparation,
  { signal }: PrepareOptions = {},
): Promise<void> {
  for (const { reference, patch, done } of status.steps) {
    if (done) continue;
    await kube.patch(reference, patch, { type: 'strategic', dryRun: true, signal });
  }
}

/**
 * Does the steps in their order: the template, its rollout to the end, and only when every Pod that
 * a Service selects carries the label, the Service's selector. Run again it goes on where it stopped.
 * Throws `prepare-refused` before anything is touched; `prepare-failed` names what was done.
 */
export async function applyPreparation(
  kube: Kube,
  request: PrepareRequest,
  { signal = new AbortController().signal, onProgress = () => undefined }: PrepareOptions = {},
): Promise<{ readonly preparation: Preparation; readonly endpoints: readonly EndpointsSeen[] }> {
  const surroundings = await readSurroundings(kube, request, signal);
  const preparation = decidePreparation(surroundings, request);
  const { steps, refusals } = preparation.status;
  const [first] = refusals;
  if (first) {
    throw new PitstopError(
      'prepare-refused',
      refusals.map(({ object, message }) => `${object}: ${message}`).join('\n'),
      { hint: `kubectl pitstop prepare ${request.target} -n ${request.namespace} --patch` },
    );
  }
  const open = steps.filter(({ done }) => !done);
  if (open.length === 0) return { preparation, endpoints: [] };
  const services = surroundings.services.map(({ metadata }) => metadata?.name ?? '');
  await using counts = new EndpointCounts(kube, request.namespace, services);
  await counts.started();
  const [template, ...selectors] = steps;
  if (template && !template.done) {
    onProgress(`${template.object}: ${template.message}`);
    await send(kube, template, surroundings.workload.object);
  }
  await awaitRollout(kube, request, surroundings.workload, { signal, onProgress });
  for (const step of selectors) {
    if (step.done) continue;
    onProgress(`${step.object}: waiting for every Pod that it selects to carry the label`);
    await awaitLabelled(kube, step, request, signal);
    const lowestBefore = countOf(counts, step)?.readyAfter ?? 0;
    onProgress(`${step.object}: ${step.message}`);
    await changeSelector(kube, step, { counts, lowestBefore, signal });
  }
  return { preparation, endpoints: counts.seen };
}

/** To the object as it was decided about: uid and resourceVersion are the precondition. */
async function send(kube: Kube, step: PreparationStep, { metadata }: KubeObject): Promise<void> {
  const { uid, resourceVersion } = metadata ?? {};
  try {
    await kube.patch(
      step.reference,
      { ...step.patch, metadata: { uid, resourceVersion } },
      { type: 'strategic' },
    );
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 'conflict') throw error;
    throw new PitstopError('conflict', `${step.object} changed since it was looked at`, {
      hint: 'run the same command again: it goes on where it stopped',
      cause: error,
    });
  }
}

async function awaitRollout(
  kube: Kube,
  { namespace, target, timeoutMs = rolloutTimeoutMs }: PrepareRequest,
  { kind, object }: Workload,
  { signal, onProgress }: { readonly signal: AbortSignal; onProgress: (message: string) => void },
): Promise<void> {
  const name = object.metadata?.name ?? '';
  onProgress(`${kind}/${name}: waiting for the rollout`);
  await watchUntil<KubeObject, true>(
    kube,
    `${kind}s`,
    {
      namespace,
      fieldSelector: `metadata.name=${name}`,
      signal,
      timeoutMs,
      onTimeout: () =>
        new PitstopError(
          'prepare-failed',
          `${kind}/${name} was not rolled out within ${Math.round(timeoutMs / 1000)} s; its Services are as they were`,
          {
            hint: `kubectl rollout status ${kind}/${name} -n ${namespace}; then kubectl pitstop prepare ${target} -n ${namespace} --apply goes on, or kubectl rollout undo takes it back`,
          },
        ),
    },
    ([now]) => (now && isRolledOut({ kind, object: now } as Workload) ? true : undefined),
  );
}

/** A Pod that the Service selects and that lacks the label would lose its traffic. */
async function awaitLabelled(
  kube: Kube,
  { before, after, object }: PreparationStep,
  { namespace, target }: PrepareRequest,
  signal: AbortSignal,
): Promise<void> {
  const now = selectorOf(before);
  const then = selectorOf(after);
  const lacking = (pods: readonly Pod[]) =>
    pods.filter(({ metadata, status }) => {
      const labels = metadata?.labels ?? {};
      const isServing = !metadata?.deletionTimestamp && isReady(status?.conditions);
      return isServing && matchesMap(now, labels) && !matchesMap(then, labels);
    });
  await watchUntil<Pod, true>(
    kube,
    'pods',
    {
      namespace,
      signal,
      timeoutMs: 60_000,
      onTimeout: (pods) =>
        new PitstopError(
          'prepare-failed',
          `${object} still sends traffic to pod ${lacking(pods)[0]?.metadata?.name}, which has not the label; it is left as it was`,
          {
            hint: `kubectl pitstop prepare ${target} -n ${namespace} --apply goes on when that is mended`,
          },
        ),
    },
    (pods) => (lacking(pods).length === 0 ? true : undefined),
  );
}

/** Puts the selector back at once if the Service loses an endpoint by it. */
async function changeSelector(
  kube: Kube,
  step: PreparationStep,
  options: {
    readonly counts: EndpointCounts;
    readonly lowestBefore: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const service = await kube.get<Service>(step.reference);
  if (!service) return;
  await send(kube, step, service);
  await sleep(settleMs, undefined, { signal: options.signal }).catch(() => undefined);
  const ready = countOf(options.counts, step)?.readyAfter ?? 0;
  if (ready >= options.lowestBefore) return;
  const added = Object.keys(selectorOf(step.after)).filter(
    (key) => !(key in selectorOf(step.before)),
  );
  const selector = Object.fromEntries(added.map((key) => [key, null]));
  await kube.patch(step.reference, { spec: { selector } }, { type: 'merge' });
  throw new PitstopError(
    'prepare-failed',
    `${step.object} fell from ${options.lowestBefore} ready endpoints to ${ready}; its selector is back as it was`,
    { hint: `kubectl get pods -n ${step.reference.namespace} --show-labels` },
  );
}

function countOf({ seen }: EndpointCounts, { reference }: PreparationStep) {
  return seen.find(({ service }) => service === reference.name);
}

function selectorOf(fragment: object): Readonly<Record<string, string>> {
  return (fragment as Service).spec?.selector ?? {};
}
