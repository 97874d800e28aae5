import type { TableColumn } from './to-table.ts';

/** The columns of a resource; what the server knows nothing about has a name and a creation time. */
export function columnsOf(group: string, plural: string): readonly TableColumn[] {
  const key = group === '' ? plural : `${group}/${plural}`;
  return (columnTexts[key] ?? 'Name | Created At @').split(' | ').map(parseColumn);
}

const types: Readonly<Record<string, string>> = { '#': 'integer', '@': 'date', '?': 'boolean' };

// `Desired #` is an integer; a trailing `*` marks a column of `-o wide`.
const columnTexts: Readonly<Record<string, string>> = {
  configmaps: 'Name | Data | Age',
  endpoints: 'Name | Endpoints | Age',
  events:
    'Last Seen | Type | Reason | Object | Subobject * | Source * | Message | First Seen * | Count * | Name *',
  namespaces: 'Name | Status | Age',
  nodes:
    'Name | Status | Roles | Age | Version | Internal-IP * | External-IP * | OS-Image * | Kernel-Version * | Container-Runtime *',
  persistentvolumeclaims:
    'Name | Status | Volume | Capacity | Access Modes | StorageClass | VolumeAttributesClass | Age | VolumeMode *',
  persistentvolumes:
    'Name | Capacity | Access Modes | Reclaim Policy | Status | Claim | StorageClass | VolumeAttributesClass | Reason | Age | VolumeMode *',
  pods: 'Name | Ready | Status | Restarts | Age | IP * | Node * | Nominated Node * | Readiness Gates *',
  podtemplates: 'Name | Containers | Images | Pod Labels',
  replicationcontrollers:
    'Name | Desired # | Current # | Ready # | Age | Containers * | Images * | Selector *',
  resourcequotas: 'Name | Request | Limit | Age',
  secrets: 'Name | Type | Data | Age',
  serviceaccounts: 'Name | Age',
  services: 'Name | Type | Cluster-IP | External-IP | Port(s) | Age | Selector *',
  'apps/controllerrevisions': 'Name | Controller | Revision | Age',
  'apps/daemonsets':
    'Name | Desired # | Current # | Ready # | Up-to-date # | Available # | Node Selector | Age | Containers * | Images * | Selector *',
  'apps/deployments':
    'Name | Ready | Up-to-date | Available | Age | Containers * | Images * | Selector *',
  'apps/replicasets':
    'Name | Desired # | Current # | Ready # | Age | Containers * | Images * | Selector *',
  'apps/statefulsets': 'Name | Ready | Age | Containers * | Images *',
  'events.k8s.io/events':
    'Last Seen | Type | Reason | Object | Subobject * | Source * | Message | First Seen * | Count * | Name *',
  'autoscaling/horizontalpodautoscalers':
    'Name | Reference | Targets | MinPods | MaxPods | Replicas | Age',
  'batch/cronjobs':
    'Name | Schedule | Timezone | Suspend ? | Active # | Last Schedule | Age | Containers * | Images * | Selector *',
  'batch/jobs':
    'Name | Status | Completions | Duration | Age | Containers * | Images * | Selector *',
  'networking.k8s.io/ingressclasses': 'Name | Controller | Parameters | Age',
  'networking.k8s.io/ingresses': 'Name | Class | Hosts | Address | Ports | Age',
  'networking.k8s.io/networkpolicies': 'Name | Pod-Selector | Age',
  'policy/poddisruptionbudgets':
    'Name | Min Available | Max Unavailable | Allowed Disruptions # | Age',
  'rbac.authorization.k8s.io/clusterrolebindings':
    'Name | Role | Age | Users * | Groups * | ServiceAccounts *',
  'rbac.authorization.k8s.io/rolebindings':
    'Name | Role | Age | Users * | Groups * | ServiceAccounts *',
  'storage.k8s.io/storageclasses':
    'Name | Provisioner | ReclaimPolicy | VolumeBindingMode | AllowVolumeExpansion | Age',
  'scheduling.k8s.io/priorityclasses': 'Name | Value # | Global-Default ? | Age | PreemptionPolicy',
  'coordination.k8s.io/leases': 'Name | Holder | Age',
  'node.k8s.io/runtimeclasses': 'Name | Handler | Age',
  'discovery.k8s.io/endpointslices': 'Name | AddressType | Ports | Endpoints | Age',
};

function parseColumn(text: string): TableColumn {
  const isWide = text.endsWith(' *');
  const rest = isWide ? text.slice(0, -2) : text;
  const type = types[rest.at(-1) ?? ''];
  const name = type === undefined ? rest : rest.slice(0, -2);
  return {
    name,
    type: type ?? 'string',
    format: name === 'Name' ? 'name' : '',
    description: '',
    priority: isWide ? 1 : 0,
  };
}
