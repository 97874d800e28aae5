// Everything these refer to comes along into the generated tables.
const scope: Readonly<Record<string, readonly string[]>> = {
  v1: [
    'Binding',
    'ComponentStatus',
    'ConfigMap',
    'Endpoints',
    'Event',
    'LimitRange',
    'Namespace',
    'Node',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'Pod',
    'PodTemplate',
    'ReplicationController',
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
  ],
  'meta.k8s.io/v1': ['DeleteOptions', 'Status'],
  'admissionregistration.k8s.io/v1': [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io/v1': ['CustomResourceDefinition'],
  'apps/v1': ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'authentication.k8s.io/v1': ['SelfSubjectReview', 'TokenRequest', 'TokenReview'],
  'authorization.k8s.io/v1': [
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
  ],
  'autoscaling/v1': ['HorizontalPodAutoscaler', 'Scale'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'batch/v1': ['CronJob', 'Job'],
  'certificates.k8s.io/v1': ['CertificateSigningRequest'],
  'coordination.k8s.io/v1': ['Lease'],
  'discovery.k8s.io/v1': ['EndpointSlice'],
  'events.k8s.io/v1': ['Event'],
  'flowcontrol.apiserver.k8s.io/v1': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io/v1': ['IPAddress', 'Ingress', 'IngressClass', 'NetworkPolicy', 'ServiceCIDR'],
  'node.k8s.io/v1': ['RuntimeClass'],
  'policy/v1': ['Eviction', 'PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'resource.k8s.io/v1': ['DeviceClass', 'ResourceClaim', 'ResourceClaimTemplate', 'ResourceSlice'],
  'scheduling.k8s.io/v1': ['PriorityClass'],
  'storage.k8s.io/v1': [
    'CSIDriver',
    'CSINode',
    'CSIStorageCapacity',
    'StorageClass',
    'VolumeAttachment',
    'VolumeAttributesClass',
  ],
};

export interface QualifiedKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The kinds whose structure the cluster knows. */
export const kindsInScope: readonly QualifiedKind[] = Object.entries(scope).flatMap(
  ([apiVersion, kinds]) => kinds.map((kind) => ({ apiVersion, kind })),
);

// Where two groups have a type of the same name and version, the client's models put the group in front.
const ambiguous = new Map([
  ['admissionregistration.k8s.io/v1 ServiceReference', 'AdmissionregistrationV1ServiceReference'],
  [
    'admissionregistration.k8s.io/v1 WebhookClientConfig',
    'AdmissionregistrationV1WebhookClientConfig',
  ],
  ['v1 EndpointPort', 'CoreV1EndpointPort'],
  ['v1 Event', 'CoreV1Event'],
  ['v1 EventSeries', 'CoreV1EventSeries'],
  ['v1 ResourceClaim', 'CoreV1ResourceClaim'],
  ['apiextensions.k8s.io/v1 ServiceReference', 'ApiextensionsV1ServiceReference'],
  ['apiextensions.k8s.io/v1 WebhookClientConfig', 'ApiextensionsV1WebhookClientConfig'],
  ['authentication.k8s.io/v1 TokenRequest', 'AuthenticationV1TokenRequest'],
  ['discovery.k8s.io/v1 EndpointPort', 'DiscoveryV1EndpointPort'],
  ['events.k8s.io/v1 Event', 'EventsV1Event'],
  ['events.k8s.io/v1 EventSeries', 'EventsV1EventSeries'],
  ['flowcontrol.apiserver.k8s.io/v1 Subject', 'FlowcontrolV1Subject'],
  ['rbac.authorization.k8s.io/v1 Subject', 'RbacV1Subject'],
  ['resource.k8s.io/v1 ResourceClaim', 'ResourceV1ResourceClaim'],
  ['storage.k8s.io/v1 TokenRequest', 'StorageV1TokenRequest'],
]);

/** `V1Pod`, `V2HorizontalPodAutoscaler`, `EventsV1Event`: how the client's models name a type. */
export function modelName({ apiVersion, kind }: QualifiedKind): string {
  const version = apiVersion.split('/').at(-1) ?? '';
  return (
    ambiguous.get(`${apiVersion} ${kind}`) ??
    `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`
  );
}
