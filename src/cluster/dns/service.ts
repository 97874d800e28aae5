import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Api } from '../api.ts';

const namespace = 'kube-system';
const name = 'kube-dns';
const fieldManager = 'kube-dns';

/** The Service by which Pods find the DNS server, with the server as its only endpoint. */
export function publish(
  api: Api,
  {
    clusterIP,
    host,
    port,
  }: { readonly clusterIP: string; readonly host: string; readonly port: number },
): void {
  const labels = {
    'k8s-app': 'kube-dns',
    'kubernetes.io/cluster-service': 'true',
    'kubernetes.io/name': 'CoreDNS',
  };
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP', targetPort: port },
    { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: port },
  ];
  const backendPorts = ports.map((each) => ({ name: each.name, protocol: each.protocol, port }));
  put(api, 'services', {
    metadata: { name, namespace, labels },
    spec: { clusterIP, ports },
  });
  put(api, 'endpoints', {
    // Mirroring would make a second slice of what is written here.
    metadata: {
      name,
      namespace,
      labels: { ...labels, 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: [{ ip: host }], ports: backendPorts }],
  });
  put(api, 'endpointslices', {
    metadata: { name, namespace, labels: { ...labels, 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: [host], conditions: { ready: true, serving: true, terminating: false } },
    ],
    ports: backendPorts,
  });
}

// What an earlier start of this cluster left in its journal may say another address.
function put(api: Api, resource: string, object: Service | Endpoints | EndpointSlice): void {
  if (api.get(resource, { namespace, name })) {
    api.patch(resource, { namespace, name }, object, { type: 'merge', fieldManager });
  } else {
    api.create(resource, object, { fieldManager });
  }
}
