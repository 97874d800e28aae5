import type { Pod } from 'kubernetes-types/core/v1.js';
import { PitstopError } from '../errors.ts';

/** The container to work on, chosen as kubectl does: the named, the annotated default, the first. */
export function pickContainer(pod: Pod, container: string | undefined): string {
  const containers = (pod.spec?.containers ?? []).map(({ name }) => name);
  const wanted =
    container ??
    pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'] ??
    containers[0] ??
    '';
  if (!containers.includes(wanted)) {
    throw new PitstopError(
      'container-not-found',
      `pod ${pod.metadata?.namespace}/${pod.metadata?.name} has no container ${wanted}`,
      { hint: `choose one with -c: ${containers.join(', ')}` },
    );
  }
  return wanted;
}
