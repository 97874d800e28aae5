import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';
import { describeEnd, hasEnded, statusOf } from './container-end.ts';
import type { Target } from './target.ts';

/** Which run of the container this is: a restart changes it. */
export interface ContainerIdentity {
  readonly podUid: string;
  readonly containerId: string;
  readonly restarts: number;
}

/** Throws `pod-gone` when the Pod is no longer there. */
export async function readIdentity(
  target: Target,
  signal: AbortSignal,
): Promise<ContainerIdentity> {
  return identityOf(await readPod(target, signal), target.container);
}

function identityOf(pod: Pod, container: string): ContainerIdentity {
  const status = statusOf(pod, container);
  return {
    podUid: pod.metadata?.uid ?? '',
    containerId: status?.containerID ?? '',
    restarts: status?.restartCount ?? 0,
  };
}

export async function readPod(target: Target, signal: AbortSignal): Promise<Pod> {
  const { kube, namespace, pod: name } = target;
  const pod = await kube.get<Pod>({ resource: 'pods', namespace, name }, { signal });
  if (pod) return pod;
  throw new PitstopError('pod-gone', `pod ${namespace}/${name} is gone`);
}

/**
 * Throws `container-restarted` (or `pod-gone`) when the container is not the one it was, or has ended:
 * with the reason that its status and the kubelet's Events tell.
 */
export async function assertSameContainer(
  target: Target,
  before: ContainerIdentity,
  signal: AbortSignal,
): Promise<void> {
  const { kube, namespace, pod, container } = target;
  const read = await readPod(target, signal);
  const now = identityOf(read, container);
  if (now.podUid !== before.podUid) {
    throw new PitstopError(
      'pod-gone',
      `pod ${namespace}/${pod} was replaced by another of its name`,
    );
  }
  const isAnother = now.restarts !== before.restarts || now.containerId !== before.containerId;
  if (!isAnother && !hasEnded(read, container)) return;
  const why = await describeEnd(kube, read, { container, signal });
  throw new PitstopError(
    'container-restarted',
    `container ${container} of pod ${namespace}/${pod} ${isAnother ? 'restarted' : 'ended'} meanwhile (${why}); what the diagnostic had written is lost unless it lay on a volume`,
    { hint: `kubectl logs ${pod} -n ${namespace} -c ${container} --previous` },
  );
}
