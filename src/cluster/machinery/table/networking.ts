import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Ingress, IngressClass, NetworkPolicy } from 'kubernetes-types/networking/v1.js';

import { firstThree, labelsText, nameOf, none, type Printer, selectorText } from './cells.ts';

export const networking: Readonly<Record<string, Printer>> = {
  endpoints: (endpoints: Endpoints, { age }) => [
    nameOf(endpoints),
    firstThree(hostPorts(endpoints), none),
    age,
  ],
  'discovery.k8s.io/endpointslices': (slice: EndpointSlice, { age }) => {
    const ports = (slice.ports ?? []).map(({ port, name }) => String(port ?? name ?? '*'));
    const addresses = (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
    return [
      nameOf(slice),
      slice.addressType,
      firstThree(ports, '<unset>'),
      firstThree(addresses, '<unset>'),
      age,
    ];
  },
  services: (service: Service, { age }) => [
    nameOf(service),
    service.spec?.type ?? '',
    service.spec?.clusterIPs?.[0] ?? service.spec?.clusterIP ?? none,
    externalAddress(service),
    servicePorts(service),
    age,
    labelsText(service.spec?.selector),
  ],
  'networking.k8s.io/ingresses': (ingress: Ingress, { age }) => {
    const hosts = (ingress.spec?.rules ?? []).flatMap(({ host }) => host ?? []);
    return [
      nameOf(ingress),
      ingress.spec?.ingressClassName ?? none,
      firstThree(hosts, '*'),
      loadBalancerAddresses(ingress.status?.loadBalancer?.ingress),
      (ingress.spec?.tls ?? []).length > 0 ? '80, 443' : '80',
      age,
    ];
  },
  'networking.k8s.io/ingressclasses': (ingressClass: IngressClass, { age }) => {
    const parameters = ingressClass.spec?.parameters;
    const kind = parameters?.apiGroup
      ? `${parameters.kind}.${parameters.apiGroup}`
      : parameters?.kind;
    return [
      nameOf(ingressClass),
      ingressClass.spec?.controller ?? '',
      parameters ? `${kind}/${parameters.name}` : none,
      age,
    ];
  },
  'networking.k8s.io/networkpolicies': (policy: NetworkPolicy, { age }) => [
    nameOf(policy),
    selectorText(policy.spec?.podSelector),
    age,
  ],
};

function hostPorts({ subsets }: Endpoints): string[] {
  return (subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${bracketed(ip)}:${port}`)),
  );
}

function bracketed(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip;
}

function externalAddress({ spec, status }: Service): string {
  const externalIPs = spec?.externalIPs ?? [];
  if (spec?.type === 'ExternalName') return spec.externalName ?? '';
  if (spec?.type !== 'LoadBalancer') return externalIPs.join(',') || none;
  const balancer = loadBalancerAddresses(status?.loadBalancer?.ingress);
  return [balancer, ...externalIPs].filter((address) => address !== '').join(',') || '<pending>';
}

function loadBalancerAddresses(
  ingress: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined,
): string {
  return (ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []).join(',');
}

function servicePorts({ spec }: Service): string {
  const ports = (spec?.ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return ports.length === 0 ? none : ports.join(',');
}
