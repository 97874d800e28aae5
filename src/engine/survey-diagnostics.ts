import type { Pod } from 'kubernetes-types/core/v1.js';
import { KubeError, type Kube } from '../kube/index.ts';
import { toEstimate } from './check-preflight.ts';
import { statusOf } from './container/container-end.ts';
import { NoShell } from './container/shell.ts';
import type { Target } from './container/target.ts';
import { catalogueWith, type CustomDiagnostic, type Diagnostic } from './diagnostics/index.ts';
import { PitstopError } from './errors.ts';
import { pickContainer } from './plan/container.ts';
import type { InterlockName } from './plan/interlocks/catalogue.ts';
import { findPreflightInterlocks } from './plan/interlocks/preflight.ts';
import { notFound } from './plan/not-found.ts';
import type { PlanEstimate } from './plan/plan.ts';
import { defaults } from './plan/request.ts';
import { resolveTarget } from './plan/target.ts';
import { rememberLooks } from './remember-looks.ts';

interface SurveyRequest {
  readonly target: string;
  readonly namespace: string;
  /** Absent = every container that runs. */
  readonly container?: string | undefined;
  readonly customDiagnostics?: readonly CustomDiagnostic[] | undefined;
  readonly remoteDirectory?: string | undefined;
}

/** One diagnostic in one container: whether it works there, and what it may need at worst. */
export interface SurveyedDiagnostic {
  readonly container: string;
  readonly name: string;
  readonly summary: string;
  readonly works: boolean;
  /** Not in the container itself, but through an ephemeral container it may. */
  readonly mayWorkAside: boolean;
  /** By which tool on which process; or why not. */
  readonly detail: string;
  readonly tool?: string;
  readonly pid?: number;
  readonly options?: string;
  readonly estimate?: PlanEstimate;
  /** What would refuse it now. */
  readonly interlocks: readonly {
    readonly name: InterlockName;
    readonly message: string;
    readonly hint?: string | undefined;
  }[];
}

export interface Survey {
  readonly pod: string;
  readonly namespace: string;
  readonly containers: readonly string[];
  readonly items: readonly SurveyedDiagnostic[];
}

const looksAtOnce = 4;

/**
 * What works in a Pod, container by container, with what each may need and what would refuse it;
 * touches nothing. Throws where the Pod, or the container, is not there.
 */
export async function surveyDiagnostics(
  kube: Kube,
  request: SurveyRequest,
  signal: AbortSignal,
): Promise<Survey> {
  const { namespace } = request;
  const name = await resolveTarget(kube, request.target, namespace, signal);
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
  if (!pod) {
    const hint = `kubectl get pods -n ${namespace}`;
    throw await notFound(kube, { kind: 'pod', name, namespace, hint, signal });
  }
  const containers = containersOf(pod, request.container);
  const remembering = rememberLooks(kube);
  const { remoteDirectory } = request;
  const waiting = containers.flatMap((container) =>
    catalogueWith(request.customDiagnostics)
      .filter((diagnostic) => diagnostic.name !== 'command')
      .map((diagnostic) => ({
        target: { kube: remembering, namespace, pod: name, container, remoteDirectory },
        diagnostic,
      })),
  );
  const items: SurveyedDiagnostic[] = [];
  const next = waiting.entries();
  const look = async (): Promise<void> => {
    for (const [at, { target, diagnostic }] of next) {
      items[at] = await survey(pod, target, diagnostic, signal);
    }
  };
  await Promise.all(Array.from({ length: looksAtOnce }, look));
  return { pod: name, namespace, containers, items };
}

function containersOf(pod: Pod, wanted: string | undefined): readonly string[] {
  if (wanted !== undefined) return [pickContainer(pod, wanted)];
  const named = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const running = named.flatMap(({ name }) => (statusOf(pod, name)?.state?.running ? [name] : []));
  if (running.length > 0) return running;
  throw new PitstopError(
    'container-not-found',
    `no container of pod ${pod.metadata?.namespace}/${pod.metadata?.name} runs`,
    { hint: `kubectl describe pod ${pod.metadata?.name} -n ${pod.metadata?.namespace}` },
  );
}

async function survey(
  pod: Pod,
  target: Target,
  diagnostic: Diagnostic,
  signal: AbortSignal,
): Promise<SurveyedDiagnostic> {
  const { name, summary, options, timeoutMs = defaults.timeoutMs } = diagnostic;
  const { container } = target;
  const common = { container, name, summary, ...(options !== undefined && { options }) };
  const context = { target, signal, timeoutMs, onProgress: () => undefined };
  try {
    const detection = await diagnostic.detect(context);
    if (!detection.works) {
      const { reason } = detection;
      const mayWorkAside = (detection.mayWorkAside ?? false) !== false;
      return { ...common, works: false, mayWorkAside, detail: reason, interlocks: [] };
    }
    const { tool, process, detail } = detection;
    const preflight = await diagnostic.preflight?.(context, detection);
    return {
      ...common,
      works: true,
      mayWorkAside: false,
      detail,
      tool,
      ...(process && { pid: process.pid }),
      ...(preflight && { estimate: toEstimate(preflight, pod, container) }),
      interlocks: preflight
        ? findPreflightInterlocks(pod, target, preflight).map(
            ({ name: interlock, message, hint }) => ({ name: interlock, message, hint }),
          )
        : [],
    };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PitstopError || error instanceof KubeError)) throw error;
    const mayWorkAside = error instanceof NoShell;
    return { ...common, works: false, mayWorkAside, detail: error.message, interlocks: [] };
  }
}
