import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from 'kubernetes-types/networking/v1.js';

import {
  eachInvalid,
  type FieldError,
  forbidden,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { cidrOf, isStrictlyInside } from './cidr.ts';
import { portName, portNumber } from './names.ts';
import { validateSelector } from './selectors.ts';

const types = ['Ingress', 'Egress'];
const protocols = ['TCP', 'UDP', 'SCTP'];

export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  if (!spec) return [];
  const { podSelector, ingress = [], egress = [], policyTypes = [] } = spec;
  const errors = [
    ...validateSelector(podSelector, 'spec.podSelector'),
    ...ingress.flatMap(({ ports, from }, index) =>
      validateRule({ ports, peers: from, side: 'from' }, `spec.ingress[${index}]`),
    ),
    ...egress.flatMap(({ ports, to }, index) =>
      validateRule({ ports, peers: to, side: 'to' }, `spec.egress[${index}]`),
    ),
  ];
  if (policyTypes.length > types.length) {
    const why = 'may not specify more than two policyTypes';
    return [...errors, invalidValue('spec.policyTypes', policyTypes, why)];
  }
  for (const [index, type] of policyTypes.entries()) {
    if (!types.includes(type)) {
      errors.push(notSupported(`spec.policyTypes[${index}]`, type, types));
    }
  }
  return errors;
}

interface Rule {
  readonly ports: readonly NetworkPolicyPort[] | undefined;
  readonly peers: readonly NetworkPolicyPeer[] | undefined;
  readonly side: 'from' | 'to';
}

function validateRule({ ports = [], peers = [], side }: Rule, field: string): FieldError[] {
  return [
    ...ports.flatMap((port, index) => validatePort(port, `${field}.ports[${index}]`)),
    ...peers.flatMap((peer, index) => validatePeer(peer, `${field}.${side}[${index}]`)),
  ];
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (protocol !== undefined && !protocols.includes(protocol)) {
    errors.push(notSupported(`${field}.protocol`, protocol, protocols));
  }
  if (typeof port === 'number') {
    errors.push(...eachInvalid(`${field}.port`, port, portNumber(port)));
    if (endPort === undefined) return errors;
    if (endPort < port) {
      // Upstream shows the port, not the end.
      errors.push(
        invalidValue(`${field}.endPort`, port, 'must be greater than or equal to `port`'),
      );
    }
    return [...errors, ...eachInvalid(`${field}.endPort`, endPort, portNumber(endPort))];
  }
  if (endPort !== undefined) {
    const why = port === undefined ? 'not specified' : 'non-numeric';
    errors.push(
      invalidValue(`${field}.endPort`, endPort, `may not be specified when \`port\` is ${why}`),
    );
  }
  return port === undefined
    ? errors
    : [...errors, ...eachInvalid(`${field}.port`, port, portName(port))];
}

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  field: string,
): FieldError[] {
  const errors = [
    ...validateSelector(podSelector, `${field}.podSelector`),
    ...validateSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${field}.ipBlock`) : []),
  ];
  const isSelecting = podSelector !== undefined || namespaceSelector !== undefined;
  if (!ipBlock && !isSelecting) errors.push(required(field, 'must specify a peer'));
  if (ipBlock && isSelecting) {
    errors.push(forbidden(field, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

const wrongCidr = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function validateBlock({ cidr, except = [] }: IPBlock, field: string): FieldError[] {
  if (!cidr) return [required(`${field}.cidr`)];
  const whole = cidrOf(cidr);
  if (!whole) return [invalidValue(`${field}.cidr`, cidr, wrongCidr)];
  return except.flatMap((text, index) => {
    const at = `${field}.except[${index}]`;
    const part = cidrOf(text);
    if (!part) return [invalidValue(at, text, wrongCidr)];
    return isStrictlyInside(part, whole)
      ? []
      : [invalidValue(at, text, 'must be a strict subset of `cidr`')];
  });
}
