import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';
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
  const pod = await readPod(target, signal);
  const status = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
    ...(pod.status?.ephemeralContainerStatuses ?? []),
  ].find(({ name }) => name === target.container);
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

/** Throws `container-restarted` or `pod-gone` when the container is not the one it was. */
export async function assertSameContainer(
  target: Target,
  before: ContainerIdentity,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, pod, container } = target;
  const now = await readIdentity(target, signal);
  if (now.podUid !== before.podUid) {
    throw new PitstopError(
      'pod-gone',
      `pod ${namespace}/${pod} was replaced by another of its name`,
    );
  }
  if (now.restarts !== before.restarts || now.containerId !== before.containerId) {
    throw new PitstopError(
      'container-restarted',
      `container ${container} of pod ${namespace}/${pod} restarted (restarts: ${now.restarts}); what the diagnostic had written is lost unless it lay on a volume`,
      { hint: `kubectl logs ${pod} -n ${namespace} -c ${container} --previous` },
    );
  }
}
