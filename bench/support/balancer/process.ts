import { createLocalApi } from '../../../src/cluster/apiserver/local-api.ts';
import { bareBalancer } from '../bare-balancer.ts';
import { Store } from '../../../src/cluster/store/index.ts';

// The cluster's own data plane in a process of its own: a Service in front of the given addresses.
const api = createLocalApi({
  store: new Store({ now: Date.now }),
  now: () => new Date(),
  validationRules: { allowLoopbackEndpoints: true },
});
api.create('namespaces', { metadata: { name: 'default' } });
api.create('services', {
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    clusterIP: '10.96.0.10',
    ports: [
      { name: 'http', port: 8080 },
      { name: 'bulk', port: 8081 },
    ],
  },
});
api.create('endpointslices', {
  metadata: {
    name: 'web',
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': 'web' },
  },
  addressType: 'IPv4',
  ports: [
    { name: 'http', port: 8080 },
    { name: 'bulk', port: 8081 },
  ],
  endpoints: process.argv.slice(2).map((address) => ({ addresses: [address] })),
});
bareBalancer(api);
