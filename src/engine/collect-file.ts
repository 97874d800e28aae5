import type { Pod } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../kube/index.ts';
import type { RemoteArtifact } from './diagnostics/index.ts';
import { kindOf } from './diagnostics/kind-of.ts';
import { artifactOfMatches, findMatches } from './diagnostics/matches.ts';
import { NoShell } from './container/shell.ts';
import { openIfBare } from './container/open-way.ts';
import type { Target } from './container/target.ts';
import { PitstopError } from './errors.ts';
import { pickContainer } from './plan/container.ts';
import { notFound } from './plan/not-found.ts';
import type { Plan } from './plan/plan.ts';
import { defaults, type SessionRequest } from './plan/request.ts';
import { resolveTarget } from './plan/target.ts';
import type { SessionOptions } from './run-session.ts';
import { finish } from './session/finish.ts';
import { newSession } from './session/prepare.ts';
import { SessionLog } from './session/session-log.ts';
import type { Session } from './session/session.ts';
import { bringHome } from './steps/bring-home.ts';
import { checkDestination } from './steps/collect.ts';

export interface CollectRequest {
  readonly target: string;
  readonly namespace: string;
  readonly container?: string | undefined;
  /** A file or directory in the container, or a pattern of its shell's; absolute. */
  readonly path: string;
  readonly output?: string | undefined;
  /** For an ephemeral container, where the container has no shell; `none` = never add one. */
  readonly debugImage?: string | undefined;
  /** Keep what a session of pitstop had left; any other file stays in any case. */
  readonly keepRemote?: boolean | undefined;
  readonly compress?: SessionRequest['compress'];
  readonly store?: SessionRequest['store'];
}

/** A session's own directory: what lies in it was made by pitstop. */
const ownDirectory = /\/pitstop-[0-9a-f]{8}(\/[^/]+)?$/;

/**
 * Brings one file of a Pod home, or finishes what was begun: verified, resumable, the Pod's traffic
 * untouched. Throws when nothing could be begun; else resolves with a session whose only step is
 * `collect`, with `status.error` when it failed.
 */
export async function collectFile(
  kube: Kube,
  request: CollectRequest,
  { signal = new AbortController().signal, onEvent, onPreparing }: SessionOptions = {},
): Promise<Session> {
  const { namespace, path } = request;
  const output = request.output ?? defaults.output;
  const name = await resolveTarget(kube, request.target, namespace, signal);
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
  if (!pod) {
    const hint = `kubectl get pods -n ${namespace}`;
    throw await notFound(kube, { kind: 'pod', name, namespace, hint, signal });
  }
  const container = pickContainer(pod, request.container);
  const bare: Target = { kube, namespace, pod: name, container };
  await checkDestination(output);
  await using way = await openIfBare(bare, pod, {
    image: request.debugImage,
    signal,
    onProgress: onPreparing,
  });
  const target = way?.target ?? bare;
  const remote = await findRemote(target, path, signal);
  if (!remote) {
    throw new PitstopError(
      'collect-failed',
      `${path} in container ${container} of pod ${namespace}/${name}: there is no such file, or nothing in it`,
      { hint: `kubectl exec ${name} -n ${namespace} -c ${container} -- ls -l ${path}` },
    );
  }
  const plan = untouched(pod, container);
  const session = newSession(plan, 'none');
  const log = new SessionLog(session, onEvent);
  log.emit({ type: 'session-started', session, plan });
  for (const step of ['isolate', 'drain', 'diagnose', 'restore'] as const) {
    log.emit({ type: 'step-skipped', step, message: 'collect only reads' });
  }
  try {
    await bringHome(log, {
      target,
      remote,
      destination: output,
      keepRemote: request.keepRemote ?? false,
      compress: request.compress,
      store: request.store,
      gentle: true,
      signal,
    });
  } catch (error) {
    return finish(log, { error, interrupted: signal.aborted });
  }
  return finish(log, undefined);
}

async function findRemote(
  target: Target,
  path: string,
  signal: AbortSignal,
): Promise<RemoteArtifact | undefined> {
  try {
    const matches = await findMatches({ target, signal }, [path]);
    const removable = matches.length > 0 && matches.every((match) => ownDirectory.test(match.path));
    return artifactOfMatches(matches, { removable });
  } catch (error) {
    if (!(error instanceof NoShell)) throw error;
    // Nobody can look; perhaps there is a cat.
    return { path, sizeBytes: 0, removable: false, ...kindOf(path) };
  }
}

/** The plan of a session that writes nothing to the Pod. */
function untouched(pod: Pod, container: string): Plan {
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
  return {
    apiVersion: 'pitstop.dev/v1alpha1',
    kind: 'Plan',
    metadata: { name, namespace },
    spec: { pod: name, podUid: uid, container },
    status: {
      services: [],
      route: { name: 'none', reasons: ['collect only reads'], rejected: [] },
      labels: {},
      entries: [],
      ifCrashed: 'nothing has changed',
      interlocks: [],
      warnings: [],
      diagnostic: 'none',
    },
  };
}
