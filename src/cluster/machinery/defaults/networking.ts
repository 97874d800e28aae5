import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';

import type { Defaulter } from './apply-defaults.ts';

const threeHoursInSeconds = 10_800;

export const networking: Readonly<Record<string, Defaulter>> = {
  '/v1 Service': ({ spec }: Service) => {
    if (!spec) return;
    spec.sessionAffinity ??= 'None';
    if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
    if (spec.sessionAffinity === 'ClientIP') {
      spec.sessionAffinityConfig ??= {};
      spec.sessionAffinityConfig.clientIP ??= {};
      spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= threeHoursInSeconds;
    }
    spec.type ??= 'ClusterIP';
    for (const port of spec.ports ?? []) {
      port.protocol ??= 'TCP';
      port.targetPort ||= port.port;
    }
    const isExposed = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
    if (isExposed || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)) {
      spec.externalTrafficPolicy ??= 'Cluster';
    }
    if (isExposed || spec.type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster';
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  },
  '/v1 Endpoints': ({ subsets }: Endpoints) => {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ??= 'TCP';
  },
  'discovery.k8s.io/v1 EndpointSlice': ({ ports }: EndpointSlice) => {
    for (const port of ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  'networking.k8s.io/v1 NetworkPolicy': ({ spec }: NetworkPolicy) => {
    if (!spec) return;
    for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of ports ?? []) port.protocol ??= 'TCP';
    }
    spec.policyTypes ??= (spec.egress?.length ?? 0) > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
};
