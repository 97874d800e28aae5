import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { KubeError, type Kube } from '../../kube/index.ts';
import type { Snapshot } from './snapshot.ts';
import { endpointsOf, sliceService, takesTraffic } from './traffic.ts';

/**
 * Slices of other namespaces that list the Pod. No selector looks across namespaces, so those that its
 * controller makes need not be asked for; few are left. Undefined for whoever may not list them.
 */
export async function listElsewhere(
  kube: Kube,
  pod: Pod,
  signal?: AbortSignal,
): Promise<readonly EndpointSlice[] | undefined> {
  try {
    const slices = await kube.list<EndpointSlice>('endpointslices', {
      labelSelector: 'endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io',
      signal,
    });
    return slices.filter(
      (slice) =>
        slice.metadata?.namespace !== pod.metadata?.namespace && listsFromElsewhere(slice, pod),
    );
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return undefined;
    throw error;
  }
}

/** A Node's address stands for many Pods, and for the API server: there only the uid counts. */
export function listsFromElsewhere(slice: EndpointSlice, pod: Pod): boolean {
  return endpointsOf(slice, pod).some(
    (entry) =>
      takesTraffic(entry) && (!pod.spec?.hostNetwork || entry.targetRef?.uid === pod.metadata?.uid),
  );
}

/** A session writes in the Pod's namespace only: that traffic is left to its sockets to show. */
export function elsewhereWarnings({ elsewhere = [] }: Snapshot): readonly string[] {
  return elsewhere.map((slice) => {
    const { namespace, name } = slice.metadata ?? {};
    return `endpointslice/${name} of service/${sliceService(slice)} in namespace ${namespace} lists the Pod too; no session writes in another namespace, so that its traffic goes on, and the stop is not called proven while it comes`;
  });
}
