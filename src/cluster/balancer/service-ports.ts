import type { Service } from 'kubernetes-types/core/v1.js';

/** What the data plane balances; SCTP is accepted by the API and carried by nobody here. */
export type Protocol = 'TCP' | 'UDP';

type TrafficPolicy = 'Cluster' | 'Local';

/** One port of a Service that the data plane answers at, as plain facts. */
export interface ServicePort {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** The Service's uid: one that is deleted and made again starts without memory. */
  readonly uid: string;
  /** Empty for a Service's only, nameless port. */
  readonly portName: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly clusterIPs: readonly string[];
  readonly nodePort?: number;
  /** With `sessionAffinity: ClientIP`: how long after its last use a client keeps its endpoint. */
  readonly affinityTimeoutMs?: number;
  /** For connections to the ClusterIPs. */
  readonly internalTrafficPolicy: TrafficPolicy;
  /** For connections to the node port from outside of the cluster. */
  readonly externalTrafficPolicy: TrafficPolicy;
}

/**
 * The ports to answer at: none of headless and ExternalName Services, and none of those that their
 * labels hand to another proxy. `trafficDistribution` and topology hints are preferences, and this
 * cluster has one zone: they change nothing here.
 */
export function servicePortsOf(service: Service): readonly ServicePort[] {
  const { metadata, spec } = service;
  if (!isProxied(service) || !spec || spec.type === 'ExternalName') return [];
  const clusterIPs = (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter(isIPv4);
  if (clusterIPs.length === 0) return [];
  const affinity = spec.sessionAffinity === 'ClientIP';
  const timeoutSeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
  return (spec.ports ?? []).flatMap(({ name, protocol = 'TCP', port, nodePort }) =>
    protocol === 'TCP' || protocol === 'UDP'
      ? [
          {
            service: `${metadata?.namespace}/${metadata?.name}`,
            uid: metadata?.uid ?? '',
            portName: name ?? '',
            protocol,
            port,
            clusterIPs,
            ...(nodePort && { nodePort }),
            ...(affinity && { affinityTimeoutMs: timeoutSeconds * 1000 }),
            internalTrafficPolicy: policyOf(spec.internalTrafficPolicy),
            externalTrafficPolicy: policyOf(spec.externalTrafficPolicy),
          },
        ]
      : [],
  );
}

// KEP-2447 and kube-proxy's own selector: these labels hand an object to another proxy, or to none.
export function isProxied({ metadata }: Pick<Service, 'metadata'>): boolean {
  const labels = metadata?.labels ?? {};
  return !(
    'service.kubernetes.io/service-proxy-name' in labels ||
    'service.kubernetes.io/headless' in labels
  );
}

function policyOf(said: string | undefined): TrafficPolicy {
  return said === 'Local' ? 'Local' : 'Cluster';
}

// The Pod networks of this cluster are IPv4; `None` and an address not yet given are none either.
function isIPv4(address: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(address);
}
