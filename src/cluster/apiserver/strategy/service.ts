import { isDeepStrictEqual } from 'node:util';
import type { ServicePort } from 'kubernetes-types/core/v1.js';
import type { FieldError } from '../../machinery/index.ts';
import {
  allocateClusterIP,
  allocateNodePort,
  refuseClusterIP,
  refuseNodePort,
} from './service-allocation.ts';
import type { Draft, Strategy, StrategyContext } from './strategy.ts';

/** The parts of a Service's spec that the API server itself fills in. */
interface Spec {
  type?: string;
  selector?: Record<string, string>;
  clusterIP?: string;
  clusterIPs?: string[];
  ipFamilies?: string[];
  ipFamilyPolicy?: string;
  ports?: ServicePort[];
  externalTrafficPolicy?: string;
  healthCheckNodePort?: number;
  allocateLoadBalancerNodePorts?: boolean;
}

export const serviceStrategy: Strategy = {
  initialStatus: () => ({ loadBalancer: {} }),
  prepareForCreate(draft, context) {
    const spec: Spec = { ...draft.spec };
    draft.spec = spec as Record<string, unknown>;
    return allocate(spec, draft, context);
  },
  prepareForUpdate(draft, previous, context) {
    if (context.subresource !== undefined) return [];
    const spec: Spec = { ...draft.spec };
    const before: Spec = previous.spec ?? {};
    draft.spec = spec as Record<string, unknown>;
    dropWhatTheTypeHasNot(spec, before);
    keepWhatWasAllocated(spec, before);
    return allocate(spec, draft, context);
  },
};

/** The cluster has IPv4 addresses and no others. */
function refuseFamilies({ ipFamilies = [], ipFamilyPolicy }: Spec): FieldError[] {
  const refuse = (field: string, value: string, why: string): FieldError => ({
    type: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  });
  const why = 'this cluster is not configured for dual-stack services';
  return [
    ...(ipFamilyPolicy === 'RequireDualStack'
      ? [refuse('spec.ipFamilyPolicy', ipFamilyPolicy, why)]
      : []),
    ...ipFamilies.flatMap((family, index) =>
      family === 'IPv6'
        ? [refuse(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')]
        : [],
    ),
  ];
}

function allocate(spec: Spec, draft: Draft, context: StrategyContext): FieldError[] {
  const errors: FieldError[] = [];
  const self = { namespace: draft.metadata.namespace ?? '', name: draft.metadata.name ?? '' };
  if (hasClusterIP(spec)) {
    spec.clusterIP ||= spec.clusterIPs?.[0] ?? allocateClusterIP(context.store);
    if (spec.clusterIP !== 'None')
      errors.push(...refuseClusterIP(context.store, spec.clusterIP, self));
    spec.clusterIPs ??= [spec.clusterIP];
    spec.ipFamilies ??= ['IPv4'];
    spec.ipFamilyPolicy ??= spec.ipFamilies.length > 1 ? 'RequireDualStack' : 'SingleStack';
    const hasSelector = Object.keys(spec.selector ?? {}).length > 0;
    // A headless Service without a selector is whatever its endpoints are.
    if (spec.clusterIP !== 'None' || hasSelector) errors.push(...refuseFamilies(spec));
  }
  if (needsNodePorts(spec) && spec.ports) {
    // One port number may serve TCP and UDP of one Service; across Services never.
    const taken = new Set<number>();
    spec.ports = spec.ports.map((port, index) => {
      if (port.nodePort) {
        errors.push(
          ...refuseNodePort(context.store, port.nodePort, `spec.ports[${index}].nodePort`, self),
        );
        taken.add(port.nodePort);
        return port;
      }
      const nodePort = allocateNodePort(context.store, taken);
      taken.add(nodePort);
      return { ...port, nodePort };
    });
  }
  if (needsHealthPort(spec)) {
    const taken = new Set((spec.ports ?? []).map(({ nodePort = 0 }) => nodePort));
    spec.healthCheckNodePort ||= allocateNodePort(context.store, taken);
  }
  return errors;
}

/** Upstream's dropTypeDependentFields: what the new type has no use for goes, unless the client changed it. */
function dropWhatTheTypeHasNot(spec: Spec, before: Spec): void {
  if (
    hasClusterIP(before) &&
    !hasClusterIP(spec) &&
    (spec.clusterIP === before.clusterIP || spec.clusterIP === undefined)
  ) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
    delete spec.ipFamilies;
    delete spec.ipFamilyPolicy;
  }
  if (needsNodePorts(before) && !needsNodePorts(spec) && hasSameNodePorts(spec, before)) {
    spec.ports = (spec.ports ?? []).map(({ nodePort: _nodePort, ...port }) => port);
  }
  if (!isExternallyReachable(spec) && spec.externalTrafficPolicy === before.externalTrafficPolicy) {
    delete spec.externalTrafficPolicy;
  }
  if (
    needsHealthPort(before) &&
    !needsHealthPort(spec) &&
    spec.healthCheckNodePort === before.healthCheckNodePort
  ) {
    delete spec.healthCheckNodePort;
  }
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    delete spec.allocateLoadBalancerNodePorts;
  }
}

/** Upstream's patchAllocatedValues: a client that leaves them out keeps them. */
function keepWhatWasAllocated(spec: Spec, before: Spec): void {
  if (hasClusterIP(before) && hasClusterIP(spec)) {
    if (!spec.clusterIP && before.clusterIP) spec.clusterIP = before.clusterIP;
    if (!spec.clusterIPs && before.clusterIPs && spec.clusterIP === before.clusterIP) {
      spec.clusterIPs = before.clusterIPs;
    }
    if (!spec.ipFamilies && before.ipFamilies) spec.ipFamilies = before.ipFamilies;
    if (!spec.ipFamilyPolicy && before.ipFamilyPolicy) spec.ipFamilyPolicy = before.ipFamilyPolicy;
  }
  if (needsHealthPort(before) && needsHealthPort(spec) && before.healthCheckNodePort) {
    spec.healthCheckNodePort ||= before.healthCheckNodePort;
  }
  if (needsNodePorts(before) && needsNodePorts(spec)) {
    const allocated = new Map(before.ports?.map((port) => [portKey(port), port.nodePort]));
    const used = new Set(spec.ports?.map((port) => port.nodePort));
    spec.ports = (spec.ports ?? []).map((port) => {
      const nodePort = port.nodePort ? undefined : allocated.get(portKey(port));
      return nodePort && !used.has(nodePort) ? { ...port, nodePort } : port;
    });
  }
}

function portKey(port: ServicePort): string {
  return `${port.protocol ?? 'TCP'}:${port.port}`;
}

function hasSameNodePorts(spec: Spec, before: Spec): boolean {
  const numbers = (of: Spec) => new Set(of.ports?.map((port) => port.nodePort).filter(Boolean));
  return (
    [...numbers(spec)].every((port) => numbers(before).has(port)) ||
    isDeepStrictEqual(spec.ports, before.ports)
  );
}

function hasClusterIP(spec: Spec): boolean {
  return spec.type !== 'ExternalName';
}

function needsNodePorts(spec: Spec): boolean {
  return (
    spec.type === 'NodePort' ||
    (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
  );
}

/** A load balancer outside asks the nodes which of them have Pods of the Service. */
function needsHealthPort({ type, externalTrafficPolicy }: Spec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

function isExternallyReachable(spec: Spec): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}
