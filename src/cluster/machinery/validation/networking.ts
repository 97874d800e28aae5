import { isIP } from 'node:net';

import type { EndpointAddress, Endpoints } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';

import { duplicate, type FieldError, invalidValue, required } from '../field-error.ts';
import { isEqual } from '../json-value.ts';
import { validateEndpointAddress } from './addresses.ts';
import { oneOf } from './container.ts';
import { immutable } from './metadata.ts';
import { labelName, portNumber, subdomainName } from './names.ts';
import type { ValidationRules } from './validate.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
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
