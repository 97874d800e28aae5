import { createLocalApi } from '../../../src/cluster/apiserver/local-api.ts';
import { createPodNetwork } from '../../../src/cluster/network/index.ts';
import { loadBaseRules, startKernelDataPlane } from '../../../src/cluster/nftables/index.ts';
import { Store } from '../../../src/cluster/store/index.ts';

const serviceCidr = '10.96.0.0/12';
export const clusterIP = '10.96.0.10';

/** The network of a cluster of one node, in the namespaces of this process. */
export async function network() {
  return await createPodNetwork({
    level: 'user',
    podCidrs: ['10.244.1.0/24'],
    serviceCidr,
    clusterIPs: 'translated',
  });
}

/** The cluster's own data plane, and the API it follows. */
export async function dataPlane(ownAddress: string) {
  const rules = { serviceCidr, ownAddress };
  await loadBaseRules(rules);
  const api = createLocalApi({
    store: new Store({ now: Date.now }),
    now: () => new Date(),
    validationRules: {},
  });
  api.create('namespaces', { metadata: { name: 'default' } });
  const plane = startKernelDataPlane({
    ...rules,
    api,
    proxyFollows: 'endpointslices',
    nodes: [{ name: 'one', nodeAddress: '10.0.0.11', podCidr: '10.244.1.0/24' }],
    onError: (error) => {
      throw error;
    },
  });
  return { api, plane };
}

export const ports = [
  { name: 'http', port: 8080 },
  { name: 'bulk', port: 8081 },
];

export function sliceOf(service: string, name: string, addresses: readonly string[]) {
  return {
    metadata: {
      name,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: 'IPv4',
    ports,
    endpoints: addresses.map((address) => ({ addresses: [address] })),
  };
}
