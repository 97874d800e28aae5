/** How lists and maps of one field merge: server-side apply reads `list`, strategic merge patch reads `patch`. */
export interface MergeMetadata {
  /** Absent = atomic. */
  readonly list?: { readonly type: 'set' } | { readonly type: 'map'; readonly keys: string[] };
  readonly map?: 'atomic' | 'granular';
  readonly patch?: {
    readonly strategy: 'merge' | 'replace' | 'none';
    readonly mergeKey?: string;
    readonly retainKeys?: true;
  };
}

/** What the OpenAPI document annotates and the client's models do not carry; everything not named here is plain. */
export function mergeMetadataOf(model: string, field: string): MergeMetadata | undefined {
  return fields[`${model}.${field}`];
}

export function isAtomicStruct(model: string): boolean {
  return atomicStructs.has(model);
}

const byName = associative('name');
const byType = associative('type');
const byUid = associative('uid');
const set: MergeMetadata = { list: { type: 'set' } };

const container: Readonly<Record<string, MergeMetadata>> = {
  env: byName,
  ports: associative('containerPort', 'protocol'),
  volumeDevices: associative('devicePath'),
  volumeMounts: associative('mountPath'),
};

const fields: Readonly<Record<string, MergeMetadata>> = {
  ...prefixed('V1Container', container),
  ...prefixed('V1EphemeralContainer', container),
  'V1AllocatedDeviceStatus.conditions': onlyApply('type'),
  'V1CSIDriverSpec.volumeLifecycleModes': set,
  'V1CSINodeSpec.drivers': byName,
  'V1CertificateSigningRequestStatus.conditions': onlyApply('type'),
  'V1ComponentStatus.conditions': byType,
  'V1ContainerRestartRuleOnExitCodes.values': set,
  'V1ContainerStatus.allocatedResourcesStatus': byName,
  'V1ContainerStatus.volumeMounts': associative('mountPath'),
  'V1CustomResourceDefinitionStatus.conditions': onlyApply('type'),
  'V1DaemonSetStatus.conditions': byType,
  'V1DeploymentSpec.strategy': { patch: { strategy: 'none', retainKeys: true } },
  'V1DeploymentStatus.conditions': byType,
  'V1Endpoint.addresses': set,
  'V1FlowSchemaStatus.conditions': byType,
  'V1JSONSchemaProps.x-kubernetes-validations': associative('rule'),
  'V1JobStatus.conditions': onlyPatch('type'),
  'V1MutatingAdmissionPolicySpec.matchConditions': byName,
  'V1MutatingWebhook.matchConditions': byName,
  'V1MutatingWebhookConfiguration.webhooks': byName,
  'V1NamespaceStatus.conditions': byType,
  'V1NodeAllocatableResourceClaimStatus.containers': set,
  'V1NodeSpec.podCIDRs': { list: { type: 'set' }, patch: { strategy: 'merge' } },
  'V1NodeStatus.addresses': byType,
  'V1NodeStatus.conditions': byType,
  'V1NonResourcePolicyRule.nonResourceURLs': set,
  'V1NonResourcePolicyRule.verbs': set,
  'V1ObjectMeta.finalizers': { list: { type: 'set' }, patch: { strategy: 'merge' } },
  'V1ObjectMeta.ownerReferences': byUid,
  'V1PersistentVolumeClaimStatus.conditions': byType,
  'V1PersistentVolumeSpec.claimRef': { map: 'granular' },
  'V1PodDisruptionBudgetSpec.selector': { patch: { strategy: 'replace' } },
  'V1PodDisruptionBudgetStatus.conditions': byType,
  'V1PodFailurePolicyOnExitCodesRequirement.values': set,
  'V1PodSpec.containers': byName,
  'V1PodSpec.ephemeralContainers': byName,
  'V1PodSpec.hostAliases': associative('ip'),
  'V1PodSpec.imagePullSecrets': byName,
  'V1PodSpec.initContainers': byName,
  'V1PodSpec.nodeSelector': { map: 'atomic' },
  'V1PodSpec.resourceClaims': retainingKeys('name'),
  'V1PodSpec.schedulingGates': byName,
  'V1PodSpec.topologySpreadConstraints': associative('topologyKey', 'whenUnsatisfiable'),
  'V1PodSpec.volumes': retainingKeys('name'),
  'V1PodStatus.conditions': byType,
  'V1PodStatus.hostIPs': onlyPatch('ip'),
  'V1PodStatus.podIPs': associative('ip'),
  'V1PodStatus.resourceClaimStatuses': retainingKeys('name'),
  'V1PriorityLevelConfigurationStatus.conditions': byType,
  'V1ReplicaSetStatus.conditions': byType,
  'V1ReplicationControllerSpec.selector': { map: 'atomic' },
  'V1ReplicationControllerStatus.conditions': byType,
  'V1ResourceClaimStatus.devices': {
    list: { type: 'map', keys: ['driver', 'device', 'pool', 'shareID'] },
  },
  'V1ResourceClaimStatus.reservedFor': byUid,
  'V1ResourcePolicyRule.apiGroups': set,
  'V1ResourcePolicyRule.namespaces': set,
  'V1ResourcePolicyRule.resources': set,
  'V1ResourcePolicyRule.verbs': set,
  'V1ResourceRequirements.claims': onlyApply('name'),
  'V1ResourceStatus.resources': onlyApply('resourceID'),
  'V1Scheduling.nodeSelector': { map: 'atomic' },
  'V1ServiceAccount.secrets': byName,
  'V1ServiceCIDRStatus.conditions': byType,
  'V1ServiceSpec.ports': associative('port', 'protocol'),
  'V1ServiceSpec.selector': { map: 'atomic' },
  'V1ServiceStatus.conditions': byType,
  'V1StatefulSetStatus.conditions': byType,
  'V1UncountedTerminatedPods.failed': set,
  'V1UncountedTerminatedPods.succeeded': set,
  'V1ValidatingAdmissionPolicyBindingSpec.validationActions': set,
  'V1ValidatingAdmissionPolicySpec.matchConditions': byName,
  'V1ValidatingAdmissionPolicySpec.variables': byName,
  'V1ValidatingAdmissionPolicyStatus.conditions': onlyApply('type'),
  'V1ValidatingWebhook.matchConditions': byName,
  'V1ValidatingWebhookConfiguration.webhooks': byName,
  'V2HorizontalPodAutoscalerStatus.conditions': byType,
};

const atomicStructs: ReadonlySet<string> = new Set([
  'CoreV1EndpointPort',
  'DiscoveryV1EndpointPort',
  'RbacV1Subject',
  'V1ConfigMapKeySelector',
  'V1CrossVersionObjectReference',
  'V1EndpointAddress',
  'V1FileKeySelector',
  'V1LabelSelector',
  'V1LocalObjectReference',
  'V1MatchResources',
  'V1NamedRuleWithOperations',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1ObjectFieldSelector',
  'V1ObjectReference',
  'V1OwnerReference',
  'V1ParamKind',
  'V1ParamRef',
  'V1ResourceFieldSelector',
  'V1RoleRef',
  'V1ScopeSelector',
  'V1SecretKeySelector',
  'V1SecretReference',
  'V1ServiceBackendPort',
  'V1TopologySelectorTerm',
  'V1TypedLocalObjectReference',
  'V1Variable',
]);

function associative(mergeKey: string, ...furtherKeys: string[]): MergeMetadata {
  return {
    list: { type: 'map', keys: [mergeKey, ...furtherKeys] },
    patch: { strategy: 'merge', mergeKey },
  };
}

function retainingKeys(mergeKey: string): MergeMetadata {
  return {
    list: { type: 'map', keys: [mergeKey] },
    patch: { strategy: 'merge', mergeKey, retainKeys: true },
  };
}

function onlyApply(key: string): MergeMetadata {
  return { list: { type: 'map', keys: [key] } };
}

function onlyPatch(mergeKey: string): MergeMetadata {
  return { patch: { strategy: 'merge', mergeKey } };
}

function prefixed(
  model: string,
  rows: Readonly<Record<string, MergeMetadata>>,
): Record<string, MergeMetadata> {
  return Object.fromEntries(
    Object.entries(rows).map(([field, metadata]) => [`${model}.${field}`, metadata]),
  );
}
