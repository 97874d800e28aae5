/** The values a field may have, where upstream's documents list them. */
export function enumOf(model: string, field: string): readonly string[] | undefined {
  return enums.get(`${model}.${field}`);
}

const enums: ReadonlyMap<string, readonly string[]> = new Map(
  `
CoreV1EndpointPort.protocol SCTP|TCP|UDP
DiscoveryV1EndpointPort.protocol SCTP|TCP|UDP
V1AppArmorProfile.type Localhost|RuntimeDefault|Unconfined
V1AzureDiskVolumeSource.cachingMode None|ReadOnly|ReadWrite
V1AzureDiskVolumeSource.kind Dedicated|Managed|Shared
V1Container.imagePullPolicy Always|IfNotPresent|Never
V1Container.terminationMessagePolicy FallbackToLogsOnError|File
V1ContainerPort.protocol SCTP|TCP|UDP
V1ContainerStatus.stopSignal SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
V1CronJobSpec.concurrencyPolicy Allow|Forbid|Replace
V1DaemonSetUpdateStrategy.type OnDelete|RollingUpdate
V1DeploymentStrategy.type Recreate|RollingUpdate
V1EndpointSlice.addressType FQDN|IPv4|IPv6
V1EphemeralContainer.imagePullPolicy Always|IfNotPresent|Never
V1EphemeralContainer.terminationMessagePolicy FallbackToLogsOnError|File
V1HTTPGetAction.scheme HTTP|HTTPS
V1HTTPIngressPath.pathType Exact|ImplementationSpecific|Prefix
V1HostPathVolumeSource.type |BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket
V1ImageVolumeSource.pullPolicy Always|IfNotPresent|Never
V1IngressPortStatus.protocol SCTP|TCP|UDP
V1JobSpec.completionMode Indexed|NonIndexed
V1JobSpec.podReplacementPolicy Failed|TerminatingOrFailed
V1Lifecycle.stopSignal SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
V1ModifyVolumeStatus.status InProgress|Infeasible|Pending
V1NamespaceStatus.phase Active|Terminating
V1NetworkPolicyPort.protocol SCTP|TCP|UDP
V1NetworkPolicySpec.policyTypes Egress|Ingress
V1NodeSelectorRequirement.operator DoesNotExist|Exists|Gt|In|Lt|NotIn
V1NodeStatus.phase Pending|Running|Terminated
V1PersistentVolumeClaimSpec.accessModes ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
V1PersistentVolumeClaimSpec.volumeMode Block|Filesystem
V1PersistentVolumeClaimStatus.accessModes ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
V1PersistentVolumeClaimStatus.phase Bound|Lost|Pending
V1PersistentVolumeSpec.accessModes ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
V1PersistentVolumeSpec.persistentVolumeReclaimPolicy Delete|Recycle|Retain
V1PersistentVolumeSpec.volumeMode Block|Filesystem
V1PersistentVolumeStatus.phase Available|Bound|Failed|Pending|Released
V1PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy AlwaysAllow|IfHealthyBudget
V1PodFailurePolicyOnExitCodesRequirement.operator In|NotIn
V1PodFailurePolicyRule.action Count|FailIndex|FailJob|Ignore
V1PodSecurityContext.fsGroupChangePolicy Always|OnRootMismatch
V1PodSecurityContext.supplementalGroupsPolicy Merge|Strict
V1PodSpec.dnsPolicy ClusterFirst|ClusterFirstWithHostNet|Default|None
V1PodSpec.preemptionPolicy Never|PreemptLowerPriority
V1PodSpec.restartPolicy Always|Never|OnFailure
V1PodStatus.phase Failed|Pending|Running|Succeeded|Unknown
V1PodStatus.qosClass BestEffort|Burstable|Guaranteed
V1PortStatus.protocol SCTP|TCP|UDP
V1ResourceQuotaSpec.scopes BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
V1ScopedResourceSelectorRequirement.operator DoesNotExist|Exists|In|NotIn
V1ScopedResourceSelectorRequirement.scopeName BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
V1SeccompProfile.type Localhost|RuntimeDefault|Unconfined
V1SecurityContext.procMount Default|Unmasked
V1ServicePort.protocol SCTP|TCP|UDP
V1ServiceSpec.externalTrafficPolicy Cluster|Local
V1ServiceSpec.internalTrafficPolicy Cluster|Local
V1ServiceSpec.ipFamilies |IPv4|IPv6
V1ServiceSpec.ipFamilyPolicy PreferDualStack|RequireDualStack|SingleStack
V1ServiceSpec.sessionAffinity ClientIP|None
V1ServiceSpec.type ClusterIP|ExternalName|LoadBalancer|NodePort
V1StatefulSetSpec.podManagementPolicy OrderedReady|Parallel
V1StatefulSetUpdateStrategy.type OnDelete|RollingUpdate
V1Taint.effect NoExecute|NoSchedule|PreferNoSchedule
V1Toleration.effect NoExecute|NoSchedule|PreferNoSchedule
V1Toleration.operator Equal|Exists|Gt|Lt
V1TopologySpreadConstraint.nodeAffinityPolicy Honor|Ignore
V1TopologySpreadConstraint.nodeTaintsPolicy Honor|Ignore
V1TopologySpreadConstraint.whenUnsatisfiable DoNotSchedule|ScheduleAnyway
V1ValidationRule.reason FieldValueDuplicate|FieldValueForbidden|FieldValueInvalid|FieldValueRequired
V1VolumeMount.mountPropagation Bidirectional|HostToContainer|None
V1PersistentVolumeClaimStatus.allocatedResourceStatuses ControllerResizeInProgress|ControllerResizeInfeasible|NodeResizeInProgress|NodeResizeInfeasible|NodeResizePending
`
    .trim()
    .split('\n')
    .map((line) => {
      const [field = '', values = ''] = line.split(' ');
      return [field, values.split('|')] as const;
    }),
);

/** Defaults that upstream's documents tell of; all others are the server's own affair. */
export const publishedDefaults: Readonly<Record<string, unknown>> = {
  'V1AzureDiskVolumeSource.cachingMode': 'ReadWrite',
  'V1AzureDiskVolumeSource.fsType': 'ext4',
  'V1AzureDiskVolumeSource.kind': 'Shared',
  'V1ContainerPort.protocol': 'TCP',
  'V1ISCSIPersistentVolumeSource.iscsiInterface': 'default',
  'V1ISCSIVolumeSource.iscsiInterface': 'default',
  'V1RBDPersistentVolumeSource.keyring': '/etc/ceph/keyring',
  'V1RBDPersistentVolumeSource.pool': 'rbd',
  'V1RBDPersistentVolumeSource.user': 'admin',
  'V1RBDVolumeSource.keyring': '/etc/ceph/keyring',
  'V1RBDVolumeSource.pool': 'rbd',
  'V1RBDVolumeSource.user': 'admin',
  'V1ReplicationControllerSpec.replicas': 1,
  'V1ScaleIOPersistentVolumeSource.fsType': 'xfs',
  'V1ScaleIOPersistentVolumeSource.storageMode': 'ThinProvisioned',
  'V1ScaleIOVolumeSource.fsType': 'xfs',
  'V1ScaleIOVolumeSource.storageMode': 'ThinProvisioned',
  'V1ServicePort.protocol': 'TCP',
};
