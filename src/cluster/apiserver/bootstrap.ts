import type { Api, KubeObject } from '../api.ts';
import { DEFAULT_CLUSTER_ROLE_BINDINGS, DEFAULT_CLUSTER_ROLES } from './auth/rbac/default-roles.ts';

const fieldManager = 'kube-apiserver';

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

const PRIORITY_CLASSES = [
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

/** The objects that every cluster is born with; what is there already stays. `address` is where Pods would reach the API server. */
export function bootstrap(
  api: Api,
  { ip, port }: { readonly ip: string; readonly port: number },
): void {
  for (const name of NAMESPACES) ensure(api, 'namespaces', { metadata: { name } });
  for (const { name, value, description } of PRIORITY_CLASSES) {
    ensure(api, 'priorityclasses', { metadata: { name }, value, description });
  }
  for (const role of DEFAULT_CLUSTER_ROLES) ensure(api, 'clusterroles', role);
  for (const binding of DEFAULT_CLUSTER_ROLE_BINDINGS) ensure(api, 'clusterrolebindings', binding);
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const ports = [{ name: 'https', port, protocol: 'TCP' }];
  keep(api, 'services', {
    metadata: { ...metadata, labels },
    spec: {
      clusterIP: '10.96.0.1',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
    },
  });
  keep(api, 'endpoints', {
    // Mirroring would make a second slice of what the API server writes itself.
    metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip }], ports }],
  });
  keep(api, 'endpointslices', {
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
    ports,
  });
}

function ensure(api: Api, plural: string, object: object): void {
  const { metadata: { namespace, name = '' } = {} } = object as KubeObject;
  if (!api.get(plural, { namespace, name })) api.create(plural, object, { fieldManager });
}

/** Also what an earlier life of the cluster has left says where the API server is now. */
function keep(api: Api, plural: string, object: object): void {
  const { metadata: { namespace, name = '' } = {} } = object as KubeObject;
  const key = { namespace, name };
  if (!api.get(plural, key)) api.create(plural, object, { fieldManager });
  else api.patch(plural, key, object, { type: 'merge', fieldManager });
}
