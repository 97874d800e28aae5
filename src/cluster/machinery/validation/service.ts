import { isIP } from 'node:net';

import type { Service, ServicePort, ServiceSpec } from 'kubernetes-types/core/v1.js';

import {
  duplicate,
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { validateEndpointAddress, validateIp } from './addresses.ts';
import { oneOf } from './container.ts';
import { validateLabels } from './metadata.ts';
import { labelName, portNumber, qualifiedName, subdomainName } from './names.ts';
import { validatePort } from './probe.ts';

type Spec = ServiceSpec & {
  readonly loadBalancerClass?: string;
  readonly trafficDistribution?: string;
};

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

export function validateService({ spec }: Service): FieldError[] {
  if (!spec) return [];
  const { type = 'ClusterIP', ports = [] } = spec;
  const isHeadless = spec.clusterIP === 'None';
  return [
    ...(ports.length === 0 && !isHeadless && type !== 'ExternalName'
      ? [required('spec.ports')]
      : []),
    ...validateType(spec, type),
    ...validatePorts(ports),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...(type === 'ExternalName' ? [] : validateFamilies(spec)),
    ...(spec.externalIPs ?? []).flatMap((ip, index) => {
      const field = `spec.externalIPs[${index}]`;
      const wrong = validateIp(ip, field);
      return wrong.length > 0
        ? wrong
        : validateEndpointAddress(ip, field, { allowLoopback: false });
    }),
    ...(types.includes(type) ? [] : [notSupported('spec.type', type, types)]),
    ...validateNodePorts(ports, type),
    ...validateDuplicates(ports),
    ...validateLoadBalancer(spec, type),
    ...validateTraffic(spec, type),
  ];
}

function validateType(spec: Spec, type: string): FieldError[] {
  if (type === 'LoadBalancer' || type === 'NodePort') {
    if (spec.clusterIP !== 'None') return [];
    const why = `may not be set to 'None' for ${type} services`;
    return [invalidValue('spec.clusterIPs[0]', 'None', why)];
  }
  if (type !== 'ExternalName') return [];
  const why = 'may not be set for ExternalName services';
  const errors: FieldError[] = [];
  if (spec.clusterIP || (spec.clusterIPs ?? []).length > 0) {
    errors.push(forbidden('spec.clusterIPs', why));
  }
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden('spec.ipFamilies', why));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', why));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  return [
    ...errors,
    ...(name === ''
      ? [required('spec.externalName')]
      : eachInvalid('spec.externalName', name, subdomainName(name))),
  ];
}

function validatePorts(ports: readonly ServicePort[]): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`;
    const { name, targetPort = port.port, appProtocol } = port;
    const errors: FieldError[] = [];
    if (name) {
      errors.push(...eachInvalid(`${at}.name`, name, labelName(name)));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    } else if (ports.length > 1) errors.push(required(`${at}.name`));
    return [
      ...errors,
      ...eachInvalid(`${at}.port`, port.port, portNumber(port.port)),
      ...oneOf(port.protocol, `${at}.protocol`, ['SCTP', 'TCP', 'UDP']),
      ...validatePort(targetPort, `${at}.targetPort`),
      ...(appProtocol
        ? eachInvalid(`${at}.appProtocol`, appProtocol, qualifiedName(appProtocol))
        : []),
    ];
  });
}

const maxAffinitySeconds = 86_400;

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: Spec): FieldError[] {
  const errors = oneOf(sessionAffinity, 'spec.sessionAffinity', ['ClientIP', 'None']);
  const field = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && sessionAffinityConfig) {
    errors.push(forbidden(field, 'must not be set when session affinity is None'));
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (
    sessionAffinity === 'ClientIP' &&
    seconds !== undefined &&
    (seconds <= 0 || seconds > maxAffinitySeconds)
  ) {
    const why = `must be greater than 0 and less than ${maxAffinitySeconds}`;
    errors.push(invalidValue(`${field}.clientIP.timeoutSeconds`, seconds, why));
  }
  return errors;
}

const families = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

function validateFamilies(spec: Spec): FieldError[] {
  const { clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy: policy } = spec;
  const errors: FieldError[] = [];
  if (policy !== undefined && !familyPolicies.includes(policy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', policy, familyPolicies));
  }
  for (const [index, family] of ipFamilies.entries()) {
    const at = `spec.ipFamilies[${index}]`;
    if (!families.includes(family)) errors.push(notSupported(at, family, families));
    else if (ipFamilies.indexOf(family) < index) errors.push(duplicate(at, family));
  }
  if (ipFamilies.length > 2) {
    errors.push(invalidValue('spec.ipFamilies', ipFamilies, 'only two are allowed'));
  }
  if (clusterIPs.length > 0 && clusterIP !== clusterIPs[0]) {
    errors.push(invalidValue('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
  }
  if (clusterIPs.length > 2) {
    errors.push(invalidValue('spec.clusterIPs', clusterIPs, 'may only hold up to 2 values'));
  }
  for (const [index, ip] of clusterIPs.entries()) {
    const at = `spec.clusterIPs[${index}]`;
    if (ip === 'None') {
      if (clusterIPs.length > 1) {
        errors.push(invalidValue(at, ip, "'None' must be the first and only value"));
      }
    } else if (isIP(ip) === 0) errors.push(...validateIp(ip, at));
  }
  return errors;
}

function validateNodePorts(ports: readonly ServicePort[], type: string): FieldError[] {
  if (type !== 'ClusterIP') return [];
  return ports.flatMap(({ nodePort }, index) =>
    nodePort
      ? [forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")]
      : [],
  );
}

function validateDuplicates(ports: readonly ServicePort[]): FieldError[] {
  const nodePorts = new Set<string>();
  const numbers = new Set<string>();
  const errors: FieldError[] = [];
  for (const [index, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue;
    const key = `${protocol} ${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort));
    nodePorts.add(key);
  }
  for (const [index, { protocol, port }] of ports.entries()) {
    const key = `${protocol} ${port}`;
    if (numbers.has(key)) errors.push(duplicate(`spec.ports[${index}]`, { port, protocol }));
    numbers.add(key);
  }
  return errors;
}

function validateLoadBalancer(spec: Spec, type: string): FieldError[] {
  const errors: FieldError[] = [];
  const only = "may only be used when `type` is 'LoadBalancer'";
  const isLoadBalancer = type === 'LoadBalancer';
  // Upstream spells this path with a capital.
  const ranges = 'spec.LoadBalancerSourceRanges';
  if ((spec.loadBalancerSourceRanges ?? []).length > 0 && !isLoadBalancer) {
    errors.push(forbidden(ranges, only));
  }
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    const text = range.trim();
    if (!isRange(text)) {
      const why = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
      errors.push(invalidValue(`${ranges}[${index}]`, text, why));
    }
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer) {
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', only));
  }
  const name = spec.loadBalancerClass;
  if (name === undefined) return errors;
  const field = 'spec.loadBalancerClass';
  return isLoadBalancer
    ? [...errors, ...eachInvalid(field, name, qualifiedName(name))]
    : [...errors, forbidden(field, only)];
}

function isRange(text: string): boolean {
  const [ip = '', bits = ''] = text.split('/');
  const family = isIP(ip);
  return family !== 0 && /^\d+$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

const policies = ['Cluster', 'Local'];
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

function validateTraffic(spec: Spec, type: string): FieldError[] {
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal } = spec;
  const errors: FieldError[] = [];
  const isExposed =
    type === 'NodePort' ||
    type === 'LoadBalancer' ||
    (type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
  if (isExposed) {
    errors.push(...oneOf(external, 'spec.externalTrafficPolicy', policies));
  } else if (external) {
    const why = 'may only be set for externally-accessible services';
    errors.push(invalidValue('spec.externalTrafficPolicy', external, why));
  }
  const port = spec.healthCheckNodePort;
  if (port && (type !== 'LoadBalancer' || external !== 'Local')) {
    const why =
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidValue('spec.healthCheckNodePort', port, why));
  }
  if (internal !== undefined && !policies.includes(internal)) {
    errors.push(notSupported('spec.internalTrafficPolicy', internal, policies));
  }
  const distribution = spec.trafficDistribution;
  if (distribution !== undefined && !distributions.includes(distribution)) {
    errors.push(notSupported('spec.trafficDistribution', distribution, distributions));
  }
  return errors;
}

/** What was allocated stays as long as the Service has a use for it. */
export function validateServiceUpdate(next: Service, previous: Service): FieldError[] {
  const before: Spec = previous.spec ?? {};
  const after: Spec = next.spec ?? {};
  const errors: FieldError[] = [];
  const isNamed = [before, after].some(({ type }) => type === 'ExternalName');
  if (!isNamed) {
    for (const key of ['clusterIPs', 'ipFamilies'] as const) {
      const [was] = before[key] ?? [];
      const [is] = after[key] ?? [];
      if (was && was !== is) {
        errors.push(invalidValue(`spec.${key}[0]`, after[key] ?? null, 'may not change once set'));
      }
    }
  }
  const isKept = [before, after].every(({ type }) => type === 'LoadBalancer');
  if (isKept && !isEqual(before.loadBalancerClass ?? null, after.loadBalancerClass ?? null)) {
    const value = after.loadBalancerClass ?? null;
    errors.push(invalidValue('spec.loadBalancerClass', value, 'may not change once set'));
  }
  const probed = [before, after].every(
    ({ type, externalTrafficPolicy }) =>
      type === 'LoadBalancer' && externalTrafficPolicy === 'Local',
  );
  if (probed && before.healthCheckNodePort !== after.healthCheckNodePort) {
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  }
  return errors;
}
