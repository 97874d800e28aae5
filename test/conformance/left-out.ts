const customResources =
  'the embedded cluster serves no custom resources, so apiextensions.k8s.io is not in its discovery';

/**
 * Tests of class A and P that the embedded cluster does not hold, and why. Those restated here run
 * all the same against the cluster of `KUBECONFIG`.
 */
export const leftOut: ReadonlyMap<string, string> = new Map<string, string>([
  [
    '[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface',
    customResources,
  ],
  [
    '[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers',
    customResources,
  ],
  [
    '[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup',
    customResources,
  ],
]);
