import type { Endpoints } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect } from 'vitest';
import type { Kube } from '../../src/kube/index.ts';
import { until } from './until.ts';

interface Listed {
  readonly slices: readonly string[];
  readonly endpoints: readonly string[];
}

/** Names of the Pods that the Service's slices, and its Endpoints, list ready. */
export async function readListed(kube: Kube, namespace: string, service = 'web'): Promise<Listed> {
  const [slices, endpoints] = await Promise.all([
    kube.list<EndpointSlice>('endpointslices', {
      namespace,
      labelSelector: `kubernetes.io/service-name=${service}`,
    }),
    kube.get<Endpoints>({ resource: 'endpoints', namespace, name: service }),
  ]);
  const ready = slices
    .flatMap((slice) => slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready)
    .map(({ targetRef }) => targetRef?.name ?? '');
  const addresses = (endpoints?.subsets ?? []).flatMap((subset) => subset.addresses ?? []);
  return {
    slices: sorted(new Set(ready)),
    endpoints: sorted(new Set(addresses.map(({ targetRef }) => targetRef?.name ?? ''))),
  };
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].toSorted((a, b) => a.localeCompare(b));
}

/** Waits until a small app's Service lists these Pods ready and no other, in slices and Endpoints alike. */
export function listsExactly(
  kube: Kube,
  namespace: string,
  pods: readonly string[],
): Promise<unknown> {
  return until(`slices and Endpoints of ${namespace} to list ${pods.join(', ')}`, async () => {
    const names = sorted(pods);
    expect(await readListed(kube, namespace)).toEqual({ slices: names, endpoints: names });
    return true;
  });
}
