import { isIP } from 'node:net';

import type { EndpointAddress, Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';

import {
  duplicate,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { validateEndpointAddress } from './addresses.ts';
import { oneOf } from './container.ts';
import { validatePort } from './probe.ts';
import { immutable, validateLabels } from './metadata.ts';
import { labelName, portNumber, subdomainName } from './names.ts';
import type { ValidationRules } from './validate.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

export function validateService({ spec }: Service): FieldError[] {
  if (!spec) return [];
  const errors: FieldError[] = [];
  const { type = 'ClusterIP', ports = [], clusterIP } = spec;
  const isHeadless = clusterIP === 'None';
  if (ports.length === 0 && !isHeadless && type !== 'ExternalName') {
    errors.push(required('spec.ports'));
  }
  if (isHeadless && (type === 'NodePort' || type === 'LoadBalancer')) {
    errors.push(
      invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`),
    );
  }
  if (type === 'ExternalName') {
    if (spec.externalName) {
      const { externalName } = spec;
      const name = externalName.replace(/\.$/, '').toLowerCase();
      for (const wrong of subdomainName(name)) {
        errors.push(invalidValue('spec.externalName', externalName, wrong));
      }
    } else errors.push(required('spec.externalName'));
    if (clusterIP) {
      errors.push(forbidden('spec.clusterIPs[0]', 'may not be set for ExternalName services'));
    }
  }
  errors.push(
    ...validateServicePorts(ports, type),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...oneOf(spec.sessionAffinity, 'spec.sessionAffinity', ['ClientIP', 'None']),
    ...(serviceTypes.includes(type) ? [] : [notSupported('spec.type', type, serviceTypes)]),
  );
  for (const [index, ip] of (spec.externalIPs ?? []).entries()) {
    errors.push(
      ...validateEndpointAddress(ip, `spec.externalIPs[${index}]`, { allowLoopback: false }),
    );
  }
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (timeout !== undefined && (timeout <= 0 || timeout > 86_400)) {
    errors.push(
      invalidValue(
        'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
        timeout,
        'must be greater than 0 and less than 86400',
      ),
    );
  }
  for (const key of ['externalTrafficPolicy', 'internalTrafficPolicy'] as const) {
    const policy = spec[key];
    if (policy !== undefined) errors.push(...oneOf(policy, `spec.${key}`, ['Cluster', 'Local']));
  }
  return errors;
}

function validateServicePorts(
  ports: NonNullable<NonNullable<Service['spec']>['ports']>,
  type: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    const { name, protocol = 'TCP', targetPort = port.port, nodePort } = port;
    if (name) {
      errors.push(...labelName(name).map((wrong) => invalidValue(`${at}.name`, name, wrong)));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    } else if (ports.length > 1) errors.push(required(`${at}.name`));
    for (const wrong of portNumber(port.port)) {
      errors.push(invalidValue(`${at}.port`, port.port, wrong));
    }
    errors.push(
      ...oneOf(protocol, `${at}.protocol`, protocols),
      ...validatePort(targetPort, `${at}.targetPort`),
    );
    if (numbers.has(`${protocol} ${port.port}`)) {
      errors.push(duplicate(at, { port: port.port, protocol }));
    }
    numbers.add(`${protocol} ${port.port}`);
    if (!nodePort) continue;
    if (type === 'ClusterIP' || type === 'ExternalName') {
      errors.push(forbidden(`${at}.nodePort`, `may not be used when \`type\` is '${type}'`));
    }
    if (nodePorts.has(`${protocol} ${nodePort}`))
      errors.push(duplicate(`${at}.nodePort`, nodePort));
    nodePorts.add(`${protocol} ${nodePort}`);
  }
  return errors;
}

/** A cluster address, once given, stays as long as the Service has one. */
export function validateServiceUpdate(next: Service, previous: Service): FieldError[] {
  const before = previous.spec?.clusterIPs?.[0] ?? previous.spec?.clusterIP;
  const after = next.spec?.clusterIPs?.[0] ?? next.spec?.clusterIP;
  if (next.spec?.type === 'ExternalName' || previous.spec?.type === 'ExternalName') return [];
  if (!before || before === after) return [];
  return [
    invalidValue('spec.clusterIPs[0]', next.spec?.clusterIPs ?? [after], 'may not change once set'),
  ];
}

export function validateEndpoints({ subsets }: Endpoints, rules: ValidationRules): FieldError[] {
  return (subsets ?? []).flatMap((subset, index) => {
    const at = `subsets[${index}]`;
    const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
    const errors: FieldError[] = [];
    if (addresses.length + notReadyAddresses.length === 0) {
      errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const [number, address] of addresses.entries()) {
      errors.push(...validateAddress(address, `${at}.addresses[${number}]`, rules));
    }
    for (const [number, address] of notReadyAddresses.entries()) {
      errors.push(...validateAddress(address, `${at}.notReadyAddresses[${number}]`, rules));
    }
    for (const [number, port] of ports.entries()) {
      const field = `${at}.ports[${number}]`;
      if (!port.name && ports.length > 1) errors.push(required(`${field}.name`));
      errors.push(
        ...(port.name ? labelName(port.name) : []).map((wrong) =>
          invalidValue(`${field}.name`, port.name, wrong),
        ),
        ...portNumber(port.port).map((wrong) => invalidValue(`${field}.port`, port.port, wrong)),
        ...oneOf(port.protocol, `${field}.protocol`, protocols),
      );
    }
    return errors;
  });
}

function validateAddress(
  { ip, hostname, nodeName }: EndpointAddress,
  field: string,
  { allowLoopbackEndpoints: allowLoopback = false }: ValidationRules,
): FieldError[] {
  const wellFormed =
    isIP(ip) === 0
      ? [
          invalidValue(
            `${field}.ip`,
            ip,
            'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
          ),
        ]
      : [];
  return [
    ...wellFormed,
    ...(hostname ? labelName(hostname) : []).map((wrong) =>
      invalidValue(`${field}.hostname`, hostname, wrong),
    ),
    ...(nodeName ? subdomainName(nodeName) : []).map((wrong) =>
      invalidValue(`${field}.nodeName`, nodeName, wrong),
    ),
    ...validateEndpointAddress(ip, `${field}.ip`, { allowLoopback }),
  ];
}

const maxEndpoints = 1000;
const maxAddresses = 100;

export function validateEndpointSlice(slice: EndpointSlice, rules: ValidationRules): FieldError[] {
  const { addressType, endpoints, ports } = slice;
  const errors = oneOf(addressType, 'addressType', ['FQDN', 'IPv4', 'IPv6']);
  if ((endpoints ?? []).length > maxEndpoints) {
    errors.push(tooMany('endpoints', endpoints.length, maxEndpoints));
    return errors;
  }
  for (const [index, endpoint] of (endpoints ?? []).entries()) {
    const at = `endpoints[${index}]`;
    const { addresses, hostname, nodeName } = endpoint;
    if ((addresses ?? []).length === 0) {
      errors.push(required(`${at}.addresses`, 'must contain at least 1 address'));
    } else if (addresses.length > maxAddresses) {
      errors.push(tooMany(`${at}.addresses`, addresses.length, maxAddresses));
    }
    for (const [number, address] of (addresses ?? []).entries()) {
      errors.push(
        ...validateSliceAddress(address, `${at}.addresses[${number}]`, { addressType, rules }),
      );
    }
    errors.push(
      ...(nodeName ? subdomainName(nodeName) : []).map((wrong) =>
        invalidValue(`${at}.nodeName`, nodeName, wrong),
      ),
      ...(hostname ? labelName(hostname) : []).map((wrong) =>
        invalidValue(`${at}.hostname`, hostname, wrong),
      ),
    );
  }
  const names = new Set<string>();
  for (const [index, port] of (ports ?? []).entries()) {
    const at = `ports[${index}]`;
    const { name = '', port: number } = port;
    errors.push(
      ...(name === '' ? [] : labelName(name)).map((wrong) =>
        invalidValue(`${at}.name`, name, wrong),
      ),
    );
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    errors.push(
      ...oneOf(port.protocol, `${at}.protocol`, protocols),
      ...(number === undefined ? [] : portNumber(number)).map((wrong) =>
        invalidValue(`${at}.port`, number, wrong),
      ),
    );
  }
  return errors;
}

function validateSliceAddress(
  address: string,
  field: string,
  { addressType, rules }: { readonly addressType: string; readonly rules: ValidationRules },
): FieldError[] {
  if (addressType === 'FQDN') {
    return subdomainName(address).map((wrong) => invalidValue(field, address, wrong));
  }
  const allowLoopback = rules.allowLoopbackEndpoints ?? false;
  const family = addressType === 'IPv6' ? 6 : 4;
  if (isIP(address) !== family) {
    return [invalidValue(field, address, `must be a valid IPv${family} address`)];
  }
  return validateEndpointAddress(address, field, { allowLoopback });
}

export function validateEndpointSliceUpdate(
  next: EndpointSlice,
  previous: EndpointSlice,
): FieldError[] {
  return isEqual(next.addressType, previous.addressType)
    ? []
    : [immutable('addressType', next.addressType)];
}

function tooMany(field: string, actual: number, max: number): FieldError {
  return {
    type: 'FieldValueTooMany',
    field,
    message: `Too many: ${actual}: must have at most ${max} items`,
  };
}
