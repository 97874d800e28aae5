import type { Api } from '../api.ts';

const fieldManager = 'kube-apiserver';

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** The objects that every cluster is born with. `address` is where Pods would reach the API server. */
export function bootstrap(
  api: Api,
  { ip, port }: { readonly ip: string; readonly port: number },
): void {
  for (const name of NAMESPACES) {
    api.create('namespaces', { metadata: { name } }, { fieldManager });
  }
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const ports = [{ name: 'https', port, protocol: 'TCP' }];
  api.create(
    'services',
    {
      metadata: { ...metadata, labels },
      spec: {
        clusterIP: '10.96.0.1',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
      },
    },
    { fieldManager },
  );
  api.create(
    'endpoints',
    {
      // Mirroring would make a second slice of what the API server writes itself.
      metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip }], ports }],
    },
    { fieldManager },
  );
  api.create(
    'endpointslices',
    {
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [ip], conditions: { ready: true } }],
      ports,
    },
    { fieldManager },
  );
}
