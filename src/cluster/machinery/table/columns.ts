import type { TableColumn } from './to-table.ts';

/** The columns of a resource, read when first asked for; what has no printer has a name and a creation time. */
export function columnsOf(group: string, plural: string): () => readonly TableColumn[] {
  const text = columnTexts[group === '' ? plural : `${group}/${plural}`];
  let columns: readonly TableColumn[] | undefined;
  return () => (columns ??= (text ?? 'Name | Created At @').split(' | ').map(parseColumn));
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
  'admissionregistration.k8s.io/mutatingadmissionpolicies': 'Name | Mutations # | ParamKind | Age',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings':
    'Name | PolicyName | ParamRef | Age',
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': 'Name | Webhooks # | Age',
  'admissionregistration.k8s.io/validatingadmissionpolicies':
    'Name | Validations # | ParamKind | Age',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings':
    'Name | PolicyName | ParamRef | Age',
  'admissionregistration.k8s.io/validatingwebhookconfigurations': 'Name | Webhooks # | Age',
  'certificates.k8s.io/certificatesigningrequests':
    'Name | Age | SignerName | Requestor | RequestedDuration | Condition',
  'flowcontrol.apiserver.k8s.io/flowschemas':
    'Name | PriorityLevel | MatchingPrecedence | DistinguisherMethod | Age | MissingPL',
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations':
    'Name | Type | NominalConcurrencyShares | Queues | HandSize | QueueLengthLimit | Age',
  'networking.k8s.io/ipaddresses': 'Name | ParentRef',
  'networking.k8s.io/servicecidrs': 'Name | CIDRs | Age',
  'resource.k8s.io/deviceclasses': 'Name | Age',
  'resource.k8s.io/resourceclaims': 'Name | State | Age',
  'resource.k8s.io/resourceclaimtemplates': 'Name | Age',
  'resource.k8s.io/resourceslices': 'Name | Node | Driver | Pool | Age',
  'storage.k8s.io/csidrivers':
    'Name | AttachRequired ? | PodInfoOnMount ? | StorageCapacity ? | TokenRequests | RequiresRepublish ? | Modes | Age',
  'storage.k8s.io/csinodes': 'Name | Drivers # | Age',
  'storage.k8s.io/volumeattachments': 'Name | Attacher | PV | Node | Attached ? | Age',
  'storage.k8s.io/volumeattributesclasses': 'Name | DriverName | Age',
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
    // Upstream marks the attacher of a VolumeAttachment as if it were a name too.
    format: name === 'Name' || name === 'Attacher' ? 'name' : '',
    description: '',
    priority: isWide ? 1 : 0,
  };
}
