// Written by scripts/generate-protobuf-fields.ts; do not edit.
export const protobufFieldsText = `
AdmissionregistrationV1ServiceReference 1=namespace:s 2=name:s 3=path:s* 4=port:i*
AdmissionregistrationV1WebhookClientConfig 3=url:s* 1=service:AdmissionregistrationV1ServiceReference* 2=caBundle:y*
AuthenticationV1TokenRequest 1=metadata:V1ObjectMeta 2=spec:V1TokenRequestSpec 3=status:V1TokenRequestStatus
CoreV1EndpointPort 1=name:s 2=port:i 3=protocol:s 4=appProtocol:s*
CoreV1Event 1=metadata:V1ObjectMeta 2=involvedObject:V1ObjectReference 3=reason:s 4=message:s 5=source:V1EventSource 6=firstTimestamp:t 7=lastTimestamp:t 8=count:i 9=type:s 10=eventTime:m 11=series:CoreV1EventSeries* 12=action:s 13=related:V1ObjectReference* 14=reportingComponent:s 15=reportingInstance:s
CoreV1EventSeries 1=count:i 2=lastObservedTime:m
CoreV1ResourceClaim 1=name:s 2=request:s
DiscoveryV1EndpointPort 1=name:s* 2=protocol:s* 3=port:i* 4=appProtocol:s*
EventsV1Event 1=metadata:V1ObjectMeta 2=eventTime:m 3=series:EventsV1EventSeries* 4=reportingController:s 5=reportingInstance:s 6=action:s 7=reason:s 8=regarding:V1ObjectReference 9=related:V1ObjectReference* 10=note:s 11=type:s 12=deprecatedSource:V1EventSource 13=deprecatedFirstTimestamp:t 14=deprecatedLastTimestamp:t 15=deprecatedCount:i
EventsV1EventSeries 1=count:i 2=lastObservedTime:m
FlowcontrolV1Subject 1=kind:s 2=user:V1UserSubject* 3=group:V1GroupSubject* 4=serviceAccount:V1ServiceAccountSubject*
RbacV1Subject 1=kind:s 2=apiGroup:s 3=name:s 4=namespace:s
ResourceV1ResourceClaim 1=metadata:V1ObjectMeta 2=spec:V1ResourceClaimSpec 3=status:V1ResourceClaimStatus
StorageV1TokenRequest 1=audience:s 2=expirationSeconds:l*
V1AWSElasticBlockStoreVolumeSource 1=volumeID:s 2=fsType:s 3=partition:i 4=readOnly:b
V1Affinity 1=nodeAffinity:V1NodeAffinity* 2=podAffinity:V1PodAffinity* 3=podAntiAffinity:V1PodAntiAffinity*
V1AggregationRule 1=clusterRoleSelectors:[]V1LabelSelector
V1AllocatedDeviceStatus 1=driver:s 2=pool:s 3=device:s 7=shareID:s* 4=conditions:[]V1Condition 5=data:r* 6=networkData:V1NetworkDeviceData*
V1AllocationResult 1=devices:V1DeviceAllocationResult 3=nodeSelector:V1NodeSelector* 5=allocationTimestamp:t*
V1AppArmorProfile 1=type:s 2=localhostProfile:s*
V1AttachedVolume 1=name:s 2=devicePath:s
V1AuditAnnotation 1=key:s 2=valueExpression:s
V1AzureDiskVolumeSource 1=diskName:s 2=diskURI:s 3=cachingMode:s* 4=fsType:s* 5=readOnly:b* 6=kind:s*
V1AzureFilePersistentVolumeSource 1=secretName:s 2=shareName:s 3=readOnly:b 4=secretNamespace:s*
V1AzureFileVolumeSource 1=secretName:s 2=shareName:s 3=readOnly:b
V1Binding 1=metadata:V1ObjectMeta 2=target:V1ObjectReference
V1BoundObjectReference 1=kind:s 2=apiVersion:s 3=name:s 4=uid:s
V1CELDeviceSelector 1=expression:s
V1CSIDriver 1=metadata:V1ObjectMeta 2=spec:V1CSIDriverSpec
V1CSIDriverSpec 1=attachRequired:b* 2=podInfoOnMount:b* 3=volumeLifecycleModes:[]s 4=storageCapacity:b* 5=fsGroupPolicy:s* 6=tokenRequests:[]StorageV1TokenRequest 7=requiresRepublish:b* 8=seLinuxMount:b* 9=nodeAllocatableUpdatePeriodSeconds:l*
V1CSINode 1=metadata:V1ObjectMeta 2=spec:V1CSINodeSpec
V1CSINodeDriver 1=name:s 2=nodeID:s 3=topologyKeys:[]s 4=allocatable:V1VolumeNodeResources*
V1CSINodeSpec 1=drivers:[]V1CSINodeDriver
V1CSIPersistentVolumeSource 1=driver:s 2=volumeHandle:s 3=readOnly:b 4=fsType:s 5=volumeAttributes:{}s 6=controllerPublishSecretRef:V1SecretReference* 7=nodeStageSecretRef:V1SecretReference* 8=nodePublishSecretRef:V1SecretReference* 9=controllerExpandSecretRef:V1SecretReference* 10=nodeExpandSecretRef:V1SecretReference*
V1CSIStorageCapacity 1=metadata:V1ObjectMeta 2=nodeTopology:V1LabelSelector* 3=storageClassName:s 4=capacity:q* 5=maximumVolumeSize:q*
V1CSIVolumeSource 1=driver:s 2=readOnly:b* 3=fsType:s* 4=volumeAttributes:{}s 5=nodePublishSecretRef:V1LocalObjectReference*
V1Capabilities 1=add:[]s 2=drop:[]s
V1CapacityRequestPolicy 1=default:q* 3=validValues:[]q 4=validRange:V1CapacityRequestPolicyRange*
V1CapacityRequestPolicyRange 1=min:q* 2=max:q* 3=step:q*
V1CapacityRequirements 1=requests:{}q
V1CephFSPersistentVolumeSource 1=monitors:[]s 2=path:s 3=user:s 4=secretFile:s 5=secretRef:V1SecretReference* 6=readOnly:b
V1CephFSVolumeSource 1=monitors:[]s 2=path:s 3=user:s 4=secretFile:s 5=secretRef:V1LocalObjectReference* 6=readOnly:b
V1CertificateSigningRequest 1=metadata:V1ObjectMeta 2=spec:V1CertificateSigningRequestSpec 3=status:V1CertificateSigningRequestStatus
V1CertificateSigningRequestCondition 1=type:s 6=status:s 2=reason:s 3=message:s 4=lastUpdateTime:t 5=lastTransitionTime:t
V1CertificateSigningRequestSpec 1=request:y* 7=signerName:s 8=expirationSeconds:i* 5=usages:[]s 2=username:s 3=uid:s 4=groups:[]s 6=extra:{}w
V1CertificateSigningRequestStatus 1=conditions:[]V1CertificateSigningRequestCondition 2=certificate:y*
V1CinderPersistentVolumeSource 1=volumeID:s 2=fsType:s 3=readOnly:b 4=secretRef:V1SecretReference*
V1CinderVolumeSource 1=volumeID:s 2=fsType:s 3=readOnly:b 4=secretRef:V1LocalObjectReference*
V1ClientIPConfig 1=timeoutSeconds:i*
V1ClusterRole 1=metadata:V1ObjectMeta 2=rules:[]V1PolicyRule 3=aggregationRule:V1AggregationRule*
V1ClusterRoleBinding 1=metadata:V1ObjectMeta 2=subjects:[]RbacV1Subject 3=roleRef:V1RoleRef
V1ClusterTrustBundleProjection 1=name:s* 2=signerName:s* 3=labelSelector:V1LabelSelector* 5=optional:b* 4=path:s
V1ComponentCondition 1=type:s 2=status:s 3=message:s 4=error:s
V1ComponentStatus 1=metadata:V1ObjectMeta 2=conditions:[]V1ComponentCondition
V1Condition 1=type:s 2=status:s 3=observedGeneration:l 4=lastTransitionTime:t 5=reason:s 6=message:s
V1ConfigMap 1=metadata:V1ObjectMeta 4=immutable:b* 2=data:{}s 3=binaryData:{}y
V1ConfigMapEnvSource 1=:V1LocalObjectReference 2=optional:b*
V1ConfigMapKeySelector 1=:V1LocalObjectReference 2=key:s 3=optional:b*
V1ConfigMapNodeConfigSource 1=namespace:s 2=name:s 3=uid:s 4=resourceVersion:s 5=kubeletConfigKey:s
V1ConfigMapProjection 1=:V1LocalObjectReference 2=items:[]V1KeyToPath 4=optional:b*
V1ConfigMapVolumeSource 1=:V1LocalObjectReference 2=items:[]V1KeyToPath 3=defaultMode:i* 4=optional:b*
V1Container 1=name:s 2=image:s 3=command:[]s 4=args:[]s 5=workingDir:s 6=ports:[]V1ContainerPort 19=envFrom:[]V1EnvFromSource 7=env:[]V1EnvVar 8=resources:V1ResourceRequirements 23=resizePolicy:[]V1ContainerResizePolicy 24=restartPolicy:s* 25=restartPolicyRules:[]V1ContainerRestartRule 9=volumeMounts:[]V1VolumeMount 21=volumeDevices:[]V1VolumeDevice 10=livenessProbe:V1Probe* 11=readinessProbe:V1Probe* 22=startupProbe:V1Probe* 12=lifecycle:V1Lifecycle* 13=terminationMessagePath:s 20=terminationMessagePolicy:s 14=imagePullPolicy:s 15=securityContext:V1SecurityContext* 16=stdin:b 17=stdinOnce:b 18=tty:b
V1ContainerExtendedResourceRequest 1=containerName:s 2=resourceName:s 3=requestName:s
V1ContainerImage 1=names:[]s 2=sizeBytes:l
V1ContainerPort 1=name:s 2=hostPort:i 3=containerPort:i 4=protocol:s 5=hostIP:s
V1ContainerResizePolicy 1=resourceName:s 2=restartPolicy:s
V1ContainerRestartRule 1=action:s 2=exitCodes:V1ContainerRestartRuleOnExitCodes*
V1ContainerRestartRuleOnExitCodes 1=operator:s 2=values:[]i
V1ContainerState 1=waiting:V1ContainerStateWaiting* 2=running:V1ContainerStateRunning* 3=terminated:V1ContainerStateTerminated*
V1ContainerStateRunning 1=startedAt:t
V1ContainerStateTerminated 1=exitCode:i 2=signal:i 3=reason:s 4=message:s 5=startedAt:t 6=finishedAt:t 7=containerID:s
V1ContainerStateWaiting 1=reason:s 2=message:s
V1ContainerStatus 1=name:s 2=state:V1ContainerState 3=lastState:V1ContainerState 4=ready:b 5=restartCount:i 6=image:s 7=imageID:s 8=containerID:s 9=started:b* 10=allocatedResources:{}q 11=resources:V1ResourceRequirements* 12=volumeMounts:[]V1VolumeMountStatus 13=user:V1ContainerUser* 14=allocatedResourcesStatus:[]V1ResourceStatus 15=stopSignal:s*
V1ContainerUser 1=linux:V1LinuxContainerUser*
V1ControllerRevision 1=metadata:V1ObjectMeta 2=data:r 3=revision:l
V1Counter 1=value:q
V1CounterSet 1=name:s 2=counters:{}V1Counter
V1CronJob 1=metadata:V1ObjectMeta 2=spec:V1CronJobSpec 3=status:V1CronJobStatus
V1CronJobSpec 1=schedule:s 8=timeZone:s* 2=startingDeadlineSeconds:l* 3=concurrencyPolicy:s 4=suspend:b* 5=jobTemplate:V1JobTemplateSpec 6=successfulJobsHistoryLimit:i* 7=failedJobsHistoryLimit:i*
V1CronJobStatus 1=active:[]V1ObjectReference 4=lastScheduleTime:t* 5=lastSuccessfulTime:t*
V1CrossVersionObjectReference 1=kind:s 2=name:s 3=apiVersion:s
V1DaemonEndpoint 1=Port:i
V1DaemonSet 1=metadata:V1ObjectMeta 2=spec:V1DaemonSetSpec 3=status:V1DaemonSetStatus
V1DaemonSetCondition 1=type:s 2=status:s 3=lastTransitionTime:t 4=reason:s 5=message:s
V1DaemonSetSpec 1=selector:V1LabelSelector* 2=template:V1PodTemplateSpec 3=updateStrategy:V1DaemonSetUpdateStrategy 4=minReadySeconds:i 6=revisionHistoryLimit:i*
V1DaemonSetStatus 1=currentNumberScheduled:i 2=numberMisscheduled:i 3=desiredNumberScheduled:i 4=numberReady:i 5=observedGeneration:l 6=updatedNumberScheduled:i 7=numberAvailable:i 8=numberUnavailable:i 9=collisionCount:i* 10=conditions:[]V1DaemonSetCondition
V1DaemonSetUpdateStrategy 1=type:s 2=rollingUpdate:V1RollingUpdateDaemonSet*
V1DeleteOptions 1=gracePeriodSeconds:l* 2=preconditions:V1Preconditions* 3=orphanDependents:b* 4=propagationPolicy:s* 5=dryRun:[]s 6=ignoreStoreReadErrorWithClusterBreakingPotential:b*
V1Deployment 1=metadata:V1ObjectMeta 2=spec:V1DeploymentSpec 3=status:V1DeploymentStatus
V1DeploymentCondition 1=type:s 2=status:s 6=lastUpdateTime:t 7=lastTransitionTime:t 4=reason:s 5=message:s
V1DeploymentSpec 1=replicas:i* 2=selector:V1LabelSelector* 3=template:V1PodTemplateSpec 4=strategy:V1DeploymentStrategy 5=minReadySeconds:i 6=revisionHistoryLimit:i* 7=paused:b 9=progressDeadlineSeconds:i*
V1DeploymentStatus 1=observedGeneration:l 2=replicas:i 3=updatedReplicas:i 7=readyReplicas:i 4=availableReplicas:i 5=unavailableReplicas:i 9=terminatingReplicas:i* 6=conditions:[]V1DeploymentCondition 8=collisionCount:i*
V1DeploymentStrategy 1=type:s 2=rollingUpdate:V1RollingUpdateDeployment*
V1Device 1=name:s 2=attributes:{}V1DeviceAttribute 3=capacity:{}V1DeviceCapacity 4=consumesCounters:[]V1DeviceCounterConsumption 5=nodeName:s* 6=nodeSelector:V1NodeSelector* 7=allNodes:b* 8=taints:[]V1DeviceTaint 9=bindsToNode:b* 10=bindingConditions:[]s 11=bindingFailureConditions:[]s 12=allowMultipleAllocations:b*
V1DeviceAllocationConfiguration 1=source:s 2=requests:[]s 3=:V1DeviceConfiguration
V1DeviceAllocationResult 1=results:[]V1DeviceRequestAllocationResult 2=config:[]V1DeviceAllocationConfiguration
V1DeviceAttribute 2=int:l* 3=bool:b* 4=string:s* 5=version:s*
V1DeviceCapacity 1=value:q 2=requestPolicy:V1CapacityRequestPolicy*
V1DeviceClaim 1=requests:[]V1DeviceRequest 2=constraints:[]V1DeviceConstraint 3=config:[]V1DeviceClaimConfiguration
V1DeviceClaimConfiguration 1=requests:[]s 2=:V1DeviceConfiguration
V1DeviceClass 1=metadata:V1ObjectMeta 2=spec:V1DeviceClassSpec
V1DeviceClassConfiguration 1=:V1DeviceConfiguration
V1DeviceClassSpec 1=selectors:[]V1DeviceSelector 2=config:[]V1DeviceClassConfiguration 4=extendedResourceName:s*
V1DeviceConfiguration 1=opaque:V1OpaqueDeviceConfiguration*
V1DeviceConstraint 1=requests:[]s 2=matchAttribute:s* 3=distinctAttribute:s*
V1DeviceCounterConsumption 1=counterSet:s 2=counters:{}V1Counter
V1DeviceRequest 1=name:s 2=exactly:V1ExactDeviceRequest* 3=firstAvailable:[]V1DeviceSubRequest
V1DeviceRequestAllocationResult 1=request:s 2=driver:s 3=pool:s 4=device:s 5=adminAccess:b* 6=tolerations:[]V1DeviceToleration 7=bindingConditions:[]s 8=bindingFailureConditions:[]s 9=shareID:s* 10=consumedCapacity:{}q
V1DeviceSelector 1=cel:V1CELDeviceSelector*
V1DeviceSubRequest 1=name:s 2=deviceClassName:s 3=selectors:[]V1DeviceSelector 4=allocationMode:s 5=count:l 6=tolerations:[]V1DeviceToleration 7=capacity:V1CapacityRequirements*
V1DeviceTaint 1=key:s 2=value:s 3=effect:s 4=timeAdded:t*
V1DeviceToleration 1=key:s 2=operator:s 3=value:s 4=effect:s 5=tolerationSeconds:l*
V1DownwardAPIProjection 1=items:[]V1DownwardAPIVolumeFile
V1DownwardAPIVolumeFile 1=path:s 2=fieldRef:V1ObjectFieldSelector* 3=resourceFieldRef:V1ResourceFieldSelector* 4=mode:i*
V1DownwardAPIVolumeSource 1=items:[]V1DownwardAPIVolumeFile 2=defaultMode:i*
V1EmptyDirVolumeSource 1=medium:s 2=sizeLimit:q*
V1Endpoint 1=addresses:[]s 2=conditions:V1EndpointConditions 3=hostname:s* 4=targetRef:V1ObjectReference* 5=deprecatedTopology:{}s 6=nodeName:s* 7=zone:s* 8=hints:V1EndpointHints*
V1EndpointAddress 1=ip:s 3=hostname:s 4=nodeName:s* 2=targetRef:V1ObjectReference*
V1EndpointConditions 1=ready:b* 2=serving:b* 3=terminating:b*
V1EndpointHints 1=forZones:[]V1ForZone 2=forNodes:[]V1ForNode
V1EndpointSlice 1=metadata:V1ObjectMeta 4=addressType:s 2=endpoints:[]V1Endpoint 3=ports:[]DiscoveryV1EndpointPort
V1EndpointSubset 1=addresses:[]V1EndpointAddress 2=notReadyAddresses:[]V1EndpointAddress 3=ports:[]CoreV1EndpointPort
V1Endpoints 1=metadata:V1ObjectMeta 2=subsets:[]V1EndpointSubset
V1EnvFromSource 1=prefix:s 2=configMapRef:V1ConfigMapEnvSource* 3=secretRef:V1SecretEnvSource*
V1EnvVar 1=name:s 2=value:s 3=valueFrom:V1EnvVarSource*
V1EnvVarSource 1=fieldRef:V1ObjectFieldSelector* 2=resourceFieldRef:V1ResourceFieldSelector* 3=configMapKeyRef:V1ConfigMapKeySelector* 4=secretKeyRef:V1SecretKeySelector* 5=fileKeyRef:V1FileKeySelector*
V1EphemeralContainer 1=:V1EphemeralContainerCommon 2=targetContainerName:s
V1EphemeralContainerCommon 1=name:s 2=image:s 3=command:[]s 4=args:[]s 5=workingDir:s 6=ports:[]V1ContainerPort 19=envFrom:[]V1EnvFromSource 7=env:[]V1EnvVar 8=resources:V1ResourceRequirements 23=resizePolicy:[]V1ContainerResizePolicy 24=restartPolicy:s* 25=restartPolicyRules:[]V1ContainerRestartRule 9=volumeMounts:[]V1VolumeMount 21=volumeDevices:[]V1VolumeDevice 10=livenessProbe:V1Probe* 11=readinessProbe:V1Probe* 22=startupProbe:V1Probe* 12=lifecycle:V1Lifecycle* 13=terminationMessagePath:s 20=terminationMessagePolicy:s 14=imagePullPolicy:s 15=securityContext:V1SecurityContext* 16=stdin:b 17=stdinOnce:b 18=tty:b
V1EphemeralVolumeSource 1=volumeClaimTemplate:V1PersistentVolumeClaimTemplate*
V1EventSource 1=component:s 2=host:s
V1Eviction 1=metadata:V1ObjectMeta 2=deleteOptions:V1DeleteOptions*
V1ExactDeviceRequest 1=deviceClassName:s 2=selectors:[]V1DeviceSelector 3=allocationMode:s 4=count:l 5=adminAccess:b* 6=tolerations:[]V1DeviceToleration 7=capacity:V1CapacityRequirements*
V1ExecAction 1=command:[]s
V1ExemptPriorityLevelConfiguration 1=nominalConcurrencyShares:i* 2=lendablePercent:i*
V1ExpressionWarning 2=fieldRef:s 3=warning:s
V1FCVolumeSource 1=targetWWNs:[]s 2=lun:i* 3=fsType:s 4=readOnly:b 5=wwids:[]s
V1FieldSelectorAttributes 1=rawSelector:s 2=requirements:[]V1FieldSelectorRequirement
V1FieldSelectorRequirement 1=key:s 2=operator:s 3=values:[]s
V1FileKeySelector 1=volumeName:s 2=path:s 3=key:s 4=optional:b*
V1FlexPersistentVolumeSource 1=driver:s 2=fsType:s 3=secretRef:V1SecretReference* 4=readOnly:b 5=options:{}s
V1FlexVolumeSource 1=driver:s 2=fsType:s 3=secretRef:V1LocalObjectReference* 4=readOnly:b 5=options:{}s
V1FlockerVolumeSource 1=datasetName:s 2=datasetUUID:s
V1FlowDistinguisherMethod 1=type:s
V1FlowSchema 1=metadata:V1ObjectMeta 2=spec:V1FlowSchemaSpec 3=status:V1FlowSchemaStatus
V1FlowSchemaCondition 1=type:s 2=status:s 3=lastTransitionTime:t 4=reason:s 5=message:s
V1FlowSchemaSpec 1=priorityLevelConfiguration:V1PriorityLevelConfigurationReference 2=matchingPrecedence:i 3=distinguisherMethod:V1FlowDistinguisherMethod* 4=rules:[]V1PolicyRulesWithSubjects
V1FlowSchemaStatus 1=conditions:[]V1FlowSchemaCondition
V1ForNode 1=name:s
V1ForZone 1=name:s
V1GCEPersistentDiskVolumeSource 1=pdName:s 2=fsType:s 3=partition:i 4=readOnly:b
V1GRPCAction 1=port:i 2=service:s*
V1GitRepoVolumeSource 1=repository:s 2=revision:s 3=directory:s
V1GlusterfsPersistentVolumeSource 1=endpoints:s 2=path:s 3=readOnly:b 4=endpointsNamespace:s*
V1GlusterfsVolumeSource 1=endpoints:s 2=path:s 3=readOnly:b
V1GroupSubject 1=name:s
V1HTTPGetAction 1=path:s 2=port:x 3=host:s 4=scheme:s 5=httpHeaders:[]V1HTTPHeader
V1HTTPHeader 1=name:s 2=value:s
V1HTTPIngressPath 1=path:s 3=pathType:s* 2=backend:V1IngressBackend
V1HTTPIngressRuleValue 1=paths:[]V1HTTPIngressPath
V1HorizontalPodAutoscaler 1=metadata:V1ObjectMeta 2=spec:V1HorizontalPodAutoscalerSpec 3=status:V1HorizontalPodAutoscalerStatus
V1HorizontalPodAutoscalerSpec 1=scaleTargetRef:V1CrossVersionObjectReference 2=minReplicas:i* 3=maxReplicas:i 4=targetCPUUtilizationPercentage:i*
V1HorizontalPodAutoscalerStatus 1=observedGeneration:l* 2=lastScaleTime:t* 3=currentReplicas:i 4=desiredReplicas:i 5=currentCPUUtilizationPercentage:i*
V1HostAlias 1=ip:s 2=hostnames:[]s
V1HostIP 1=ip:s
V1HostPathVolumeSource 1=path:s 2=type:s*
V1IPAddress 1=metadata:V1ObjectMeta 2=spec:V1IPAddressSpec
V1IPAddressSpec 1=parentRef:V1ParentReference*
V1IPBlock 1=cidr:s 2=except:[]s
V1ISCSIPersistentVolumeSource 1=targetPortal:s 2=iqn:s 3=lun:i 4=iscsiInterface:s 5=fsType:s 6=readOnly:b 7=portals:[]s 8=chapAuthDiscovery:b 11=chapAuthSession:b 10=secretRef:V1SecretReference* 12=initiatorName:s*
V1ISCSIVolumeSource 1=targetPortal:s 2=iqn:s 3=lun:i 4=iscsiInterface:s 5=fsType:s 6=readOnly:b 7=portals:[]s 8=chapAuthDiscovery:b 11=chapAuthSession:b 10=secretRef:V1LocalObjectReference* 12=initiatorName:s*
V1ImageVolumeSource 1=reference:s 2=pullPolicy:s
V1Ingress 1=metadata:V1ObjectMeta 2=spec:V1IngressSpec 3=status:V1IngressStatus
V1IngressBackend 4=service:V1IngressServiceBackend* 3=resource:V1TypedLocalObjectReference*
V1IngressClass 1=metadata:V1ObjectMeta 2=spec:V1IngressClassSpec
V1IngressClassParametersReference 1=apiGroup:s* 2=kind:s 3=name:s 4=scope:s* 5=namespace:s*
V1IngressClassSpec 1=controller:s 2=parameters:V1IngressClassParametersReference*
V1IngressLoadBalancerIngress 1=ip:s 2=hostname:s 4=ports:[]V1IngressPortStatus
V1IngressLoadBalancerStatus 1=ingress:[]V1IngressLoadBalancerIngress
V1IngressPortStatus 1=port:i 2=protocol:s 3=error:s*
V1IngressRule 1=host:s 2=:V1IngressRuleValue
V1IngressRuleValue 1=http:V1HTTPIngressRuleValue*
V1IngressServiceBackend 1=name:s 2=port:V1ServiceBackendPort
V1IngressSpec 4=ingressClassName:s* 1=defaultBackend:V1IngressBackend* 2=tls:[]V1IngressTLS 3=rules:[]V1IngressRule
V1IngressStatus 1=loadBalancer:V1IngressLoadBalancerStatus
V1IngressTLS 1=hosts:[]s 2=secretName:s
V1Job 1=metadata:V1ObjectMeta 2=spec:V1JobSpec 3=status:V1JobStatus
V1JobCondition 1=type:s 2=status:s 3=lastProbeTime:t 4=lastTransitionTime:t 5=reason:s 6=message:s
V1JobSpec 1=parallelism:i* 2=completions:i* 3=activeDeadlineSeconds:l* 11=podFailurePolicy:V1PodFailurePolicy* 16=successPolicy:V1SuccessPolicy* 7=backoffLimit:i* 12=backoffLimitPerIndex:i* 13=maxFailedIndexes:i* 4=selector:V1LabelSelector* 5=manualSelector:b* 6=template:V1PodTemplateSpec 8=ttlSecondsAfterFinished:i* 9=completionMode:s* 10=suspend:b* 14=podReplacementPolicy:s* 15=managedBy:s*
V1JobStatus 1=conditions:[]V1JobCondition 2=startTime:t* 3=completionTime:t* 4=active:i 5=succeeded:i 6=failed:i 11=terminating:i* 7=completedIndexes:s 10=failedIndexes:s* 8=uncountedTerminatedPods:V1UncountedTerminatedPods* 9=ready:i*
V1JobTemplateSpec 1=metadata:V1ObjectMeta 2=spec:V1JobSpec
V1KeyToPath 1=key:s 2=path:s 3=mode:i*
V1LabelSelector 1=matchLabels:{}s 2=matchExpressions:[]V1LabelSelectorRequirement
V1LabelSelectorAttributes 1=rawSelector:s 2=requirements:[]V1LabelSelectorRequirement
V1LabelSelectorRequirement 1=key:s 2=operator:s 3=values:[]s
V1Lease 1=metadata:V1ObjectMeta 2=spec:V1LeaseSpec
V1LeaseSpec 1=holderIdentity:s* 2=leaseDurationSeconds:i* 3=acquireTime:m* 4=renewTime:m* 5=leaseTransitions:i* 6=strategy:s* 7=preferredHolder:s*
V1Lifecycle 1=postStart:V1LifecycleHandler* 2=preStop:V1LifecycleHandler* 3=stopSignal:s*
V1LifecycleHandler 1=exec:V1ExecAction* 2=httpGet:V1HTTPGetAction* 3=tcpSocket:V1TCPSocketAction* 4=sleep:V1SleepAction*
V1LimitRange 1=metadata:V1ObjectMeta 2=spec:V1LimitRangeSpec
V1LimitRangeItem 1=type:s 2=max:{}q 3=min:{}q 4=default:{}q 5=defaultRequest:{}q 6=maxLimitRequestRatio:{}q
V1LimitRangeSpec 1=limits:[]V1LimitRangeItem
V1LimitResponse 1=type:s 2=queuing:V1QueuingConfiguration*
V1LimitedPriorityLevelConfiguration 1=nominalConcurrencyShares:i* 2=limitResponse:V1LimitResponse 3=lendablePercent:i* 4=borrowingLimitPercent:i*
V1LinuxContainerUser 1=uid:l 2=gid:l 3=supplementalGroups:[]l
V1ListMeta 1=selfLink:s 2=resourceVersion:s 3=continue:s 4=remainingItemCount:l*
V1LoadBalancerIngress 1=ip:s 2=hostname:s 3=ipMode:s* 4=ports:[]V1PortStatus
V1LoadBalancerStatus 1=ingress:[]V1LoadBalancerIngress
V1LocalObjectReference 1=name:s
V1LocalSubjectAccessReview 1=metadata:V1ObjectMeta 2=spec:V1SubjectAccessReviewSpec 3=status:V1SubjectAccessReviewStatus
V1LocalVolumeSource 1=path:s 2=fsType:s*
V1ManagedFieldsEntry 1=manager:s 2=operation:s 3=apiVersion:s 4=time:t* 6=fieldsType:s 7=fieldsV1:f* 8=subresource:s
V1MatchCondition 1=name:s 2=expression:s
V1MatchResources 1=namespaceSelector:V1LabelSelector* 2=objectSelector:V1LabelSelector* 3=resourceRules:[]V1NamedRuleWithOperations 4=excludeResourceRules:[]V1NamedRuleWithOperations 7=matchPolicy:s*
V1ModifyVolumeStatus 1=targetVolumeAttributesClassName:s 2=status:s
V1MutatingWebhook 1=name:s 2=clientConfig:AdmissionregistrationV1WebhookClientConfig 3=rules:[]V1RuleWithOperations 4=failurePolicy:s* 9=matchPolicy:s* 5=namespaceSelector:V1LabelSelector* 11=objectSelector:V1LabelSelector* 6=sideEffects:s* 7=timeoutSeconds:i* 8=admissionReviewVersions:[]s 10=reinvocationPolicy:s* 12=matchConditions:[]V1MatchCondition
V1MutatingWebhookConfiguration 1=metadata:V1ObjectMeta 2=webhooks:[]V1MutatingWebhook
V1NFSVolumeSource 1=server:s 2=path:s 3=readOnly:b
V1NamedRuleWithOperations 1=resourceNames:[]s 2=:V1RuleWithOperations
V1Namespace 1=metadata:V1ObjectMeta 2=spec:V1NamespaceSpec 3=status:V1NamespaceStatus
V1NamespaceCondition 1=type:s 2=status:s 4=lastTransitionTime:t 5=reason:s 6=message:s
V1NamespaceSpec 1=finalizers:[]s
V1NamespaceStatus 1=phase:s 2=conditions:[]V1NamespaceCondition
V1NetworkDeviceData 1=interfaceName:s 2=ips:[]s 3=hardwareAddress:s
V1NetworkPolicy 1=metadata:V1ObjectMeta 2=spec:V1NetworkPolicySpec
V1NetworkPolicyEgressRule 1=ports:[]V1NetworkPolicyPort 2=to:[]V1NetworkPolicyPeer
V1NetworkPolicyIngressRule 1=ports:[]V1NetworkPolicyPort 2=from:[]V1NetworkPolicyPeer
V1NetworkPolicyPeer 1=podSelector:V1LabelSelector* 2=namespaceSelector:V1LabelSelector* 3=ipBlock:V1IPBlock*
V1NetworkPolicyPort 1=protocol:s* 2=port:x* 3=endPort:i*
V1NetworkPolicySpec 1=podSelector:V1LabelSelector 2=ingress:[]V1NetworkPolicyIngressRule 3=egress:[]V1NetworkPolicyEgressRule 4=policyTypes:[]s
V1Node 1=metadata:V1ObjectMeta 2=spec:V1NodeSpec 3=status:V1NodeStatus
V1NodeAddress 1=type:s 2=address:s
V1NodeAffinity 1=requiredDuringSchedulingIgnoredDuringExecution:V1NodeSelector* 2=preferredDuringSchedulingIgnoredDuringExecution:[]V1PreferredSchedulingTerm
V1NodeCondition 1=type:s 2=status:s 3=lastHeartbeatTime:t 4=lastTransitionTime:t 5=reason:s 6=message:s
V1NodeConfigSource 2=configMap:V1ConfigMapNodeConfigSource*
V1NodeConfigStatus 1=assigned:V1NodeConfigSource* 2=active:V1NodeConfigSource* 3=lastKnownGood:V1NodeConfigSource* 4=error:s
V1NodeDaemonEndpoints 1=kubeletEndpoint:V1DaemonEndpoint
V1NodeFeatures 1=supplementalGroupsPolicy:b*
V1NodeRuntimeHandler 1=name:s 2=features:V1NodeRuntimeHandlerFeatures*
V1NodeRuntimeHandlerFeatures 1=recursiveReadOnlyMounts:b* 2=userNamespaces:b*
V1NodeSelector 1=nodeSelectorTerms:[]V1NodeSelectorTerm
V1NodeSelectorRequirement 1=key:s 2=operator:s 3=values:[]s
V1NodeSelectorTerm 1=matchExpressions:[]V1NodeSelectorRequirement 2=matchFields:[]V1NodeSelectorRequirement
V1NodeSpec 1=podCIDR:s 7=podCIDRs:[]s 3=providerID:s 4=unschedulable:b 5=taints:[]V1Taint 6=configSource:V1NodeConfigSource* 2=externalID:s
V1NodeStatus 1=capacity:{}q 2=allocatable:{}q 3=phase:s 4=conditions:[]V1NodeCondition 5=addresses:[]V1NodeAddress 6=daemonEndpoints:V1NodeDaemonEndpoints 7=nodeInfo:V1NodeSystemInfo 8=images:[]V1ContainerImage 9=volumesInUse:[]s 10=volumesAttached:[]V1AttachedVolume 11=config:V1NodeConfigStatus* 12=runtimeHandlers:[]V1NodeRuntimeHandler 13=features:V1NodeFeatures*
V1NodeSwapStatus 1=capacity:l*
V1NodeSystemInfo 1=machineID:s 2=systemUUID:s 3=bootID:s 4=kernelVersion:s 5=osImage:s 6=containerRuntimeVersion:s 7=kubeletVersion:s 8=kubeProxyVersion:s 9=operatingSystem:s 10=architecture:s 11=swap:V1NodeSwapStatus*
V1NonResourceAttributes 1=path:s 2=verb:s
V1NonResourcePolicyRule 1=verbs:[]s 6=nonResourceURLs:[]s
V1NonResourceRule 1=verbs:[]s 2=nonResourceURLs:[]s
V1ObjectFieldSelector 1=apiVersion:s 2=fieldPath:s
V1ObjectMeta 1=name:s 2=generateName:s 3=namespace:s 4=selfLink:s 5=uid:s 6=resourceVersion:s 7=generation:l 8=creationTimestamp:t 9=deletionTimestamp:t* 10=deletionGracePeriodSeconds:l* 11=labels:{}s 12=annotations:{}s 13=ownerReferences:[]V1OwnerReference 14=finalizers:[]s 17=managedFields:[]V1ManagedFieldsEntry
V1ObjectReference 1=kind:s 2=namespace:s 3=name:s 4=uid:s 5=apiVersion:s 6=resourceVersion:s 7=fieldPath:s
V1OpaqueDeviceConfiguration 1=driver:s 2=parameters:r
V1Overhead 1=podFixed:{}q
V1OwnerReference 5=apiVersion:s 1=kind:s 3=name:s 4=uid:s 6=controller:b* 7=blockOwnerDeletion:b*
V1ParamKind 1=apiVersion:s 2=kind:s
V1ParamRef 1=name:s 2=namespace:s 3=selector:V1LabelSelector* 4=parameterNotFoundAction:s*
V1ParentReference 1=group:s 2=resource:s 3=namespace:s 4=name:s
V1PersistentVolume 1=metadata:V1ObjectMeta 2=spec:V1PersistentVolumeSpec 3=status:V1PersistentVolumeStatus
V1PersistentVolumeClaim 1=metadata:V1ObjectMeta 2=spec:V1PersistentVolumeClaimSpec 3=status:V1PersistentVolumeClaimStatus
V1PersistentVolumeClaimCondition 1=type:s 2=status:s 3=lastProbeTime:t 4=lastTransitionTime:t 5=reason:s 6=message:s
V1PersistentVolumeClaimSpec 1=accessModes:[]s 4=selector:V1LabelSelector* 2=resources:V1VolumeResourceRequirements 3=volumeName:s 5=storageClassName:s* 6=volumeMode:s* 7=dataSource:V1TypedLocalObjectReference* 8=dataSourceRef:V1TypedObjectReference* 9=volumeAttributesClassName:s*
V1PersistentVolumeClaimStatus 1=phase:s 2=accessModes:[]s 3=capacity:{}q 4=conditions:[]V1PersistentVolumeClaimCondition 5=allocatedResources:{}q 7=allocatedResourceStatuses:{}s 8=currentVolumeAttributesClassName:s* 9=modifyVolumeStatus:V1ModifyVolumeStatus*
V1PersistentVolumeClaimTemplate 1=metadata:V1ObjectMeta 2=spec:V1PersistentVolumeClaimSpec
V1PersistentVolumeClaimVolumeSource 1=claimName:s 2=readOnly:b
V1PersistentVolumeSource 1=gcePersistentDisk:V1GCEPersistentDiskVolumeSource* 2=awsElasticBlockStore:V1AWSElasticBlockStoreVolumeSource* 3=hostPath:V1HostPathVolumeSource* 4=glusterfs:V1GlusterfsPersistentVolumeSource* 5=nfs:V1NFSVolumeSource* 6=rbd:V1RBDPersistentVolumeSource* 7=iscsi:V1ISCSIPersistentVolumeSource* 8=cinder:V1CinderPersistentVolumeSource* 9=cephfs:V1CephFSPersistentVolumeSource* 10=fc:V1FCVolumeSource* 11=flocker:V1FlockerVolumeSource* 12=flexVolume:V1FlexPersistentVolumeSource* 13=azureFile:V1AzureFilePersistentVolumeSource* 14=vsphereVolume:V1VsphereVirtualDiskVolumeSource* 15=quobyte:V1QuobyteVolumeSource* 16=azureDisk:V1AzureDiskVolumeSource* 17=photonPersistentDisk:V1PhotonPersistentDiskVolumeSource* 18=portworxVolume:V1PortworxVolumeSource* 19=scaleIO:V1ScaleIOPersistentVolumeSource* 20=local:V1LocalVolumeSource* 21=storageos:V1StorageOSPersistentVolumeSource* 22=csi:V1CSIPersistentVolumeSource*
V1PersistentVolumeSpec 1=capacity:{}q 2=:V1PersistentVolumeSource 3=accessModes:[]s 4=claimRef:V1ObjectReference* 5=persistentVolumeReclaimPolicy:s 6=storageClassName:s 7=mountOptions:[]s 8=volumeMode:s* 9=nodeAffinity:V1VolumeNodeAffinity* 10=volumeAttributesClassName:s*
V1PersistentVolumeStatus 1=phase:s 2=message:s 3=reason:s 4=lastPhaseTransitionTime:t*
V1PhotonPersistentDiskVolumeSource 1=pdID:s 2=fsType:s
V1Pod 1=metadata:V1ObjectMeta 2=spec:V1PodSpec 3=status:V1PodStatus
V1PodAffinity 1=requiredDuringSchedulingIgnoredDuringExecution:[]V1PodAffinityTerm 2=preferredDuringSchedulingIgnoredDuringExecution:[]V1WeightedPodAffinityTerm
V1PodAffinityTerm 1=labelSelector:V1LabelSelector* 2=namespaces:[]s 3=topologyKey:s 4=namespaceSelector:V1LabelSelector* 5=matchLabelKeys:[]s 6=mismatchLabelKeys:[]s
V1PodAntiAffinity 1=requiredDuringSchedulingIgnoredDuringExecution:[]V1PodAffinityTerm 2=preferredDuringSchedulingIgnoredDuringExecution:[]V1WeightedPodAffinityTerm
V1PodCertificateProjection 1=signerName:s 2=keyType:s 3=maxExpirationSeconds:i* 4=credentialBundlePath:s 5=keyPath:s 6=certificateChainPath:s
V1PodCondition 1=type:s 7=observedGeneration:l 2=status:s 3=lastProbeTime:t 4=lastTransitionTime:t 5=reason:s 6=message:s
V1PodDNSConfig 1=nameservers:[]s 2=searches:[]s 3=options:[]V1PodDNSConfigOption
V1PodDNSConfigOption 1=name:s 2=value:s*
V1PodDisruptionBudget 1=metadata:V1ObjectMeta 2=spec:V1PodDisruptionBudgetSpec 3=status:V1PodDisruptionBudgetStatus
V1PodDisruptionBudgetSpec 1=minAvailable:x* 2=selector:V1LabelSelector* 3=maxUnavailable:x* 4=unhealthyPodEvictionPolicy:s*
V1PodDisruptionBudgetStatus 1=observedGeneration:l 2=disruptedPods:{}t 3=disruptionsAllowed:i 4=currentHealthy:i 5=desiredHealthy:i 6=expectedPods:i 7=conditions:[]V1Condition
V1PodExtendedResourceClaimStatus 1=requestMappings:[]V1ContainerExtendedResourceRequest 2=resourceClaimName:s
V1PodFailurePolicy 1=rules:[]V1PodFailurePolicyRule
V1PodFailurePolicyOnExitCodesRequirement 1=containerName:s* 2=operator:s 3=values:[]i
V1PodFailurePolicyOnPodConditionsPattern 1=type:s 2=status:s
V1PodFailurePolicyRule 1=action:s 2=onExitCodes:V1PodFailurePolicyOnExitCodesRequirement* 3=onPodConditions:[]V1PodFailurePolicyOnPodConditionsPattern
V1PodIP 1=ip:s
V1PodOS 1=name:s
V1PodReadinessGate 1=conditionType:s
V1PodResourceClaim 1=name:s 3=resourceClaimName:s* 4=resourceClaimTemplateName:s*
V1PodResourceClaimStatus 1=name:s 2=resourceClaimName:s*
V1PodSchedulingGate 1=name:s
V1PodSecurityContext 1=seLinuxOptions:V1SELinuxOptions* 8=windowsOptions:V1WindowsSecurityContextOptions* 2=runAsUser:l* 6=runAsGroup:l* 3=runAsNonRoot:b* 4=supplementalGroups:[]l 12=supplementalGroupsPolicy:s* 5=fsGroup:l* 7=sysctls:[]V1Sysctl 9=fsGroupChangePolicy:s* 10=seccompProfile:V1SeccompProfile* 11=appArmorProfile:V1AppArmorProfile* 13=seLinuxChangePolicy:s*
V1PodSpec 1=volumes:[]V1Volume 20=initContainers:[]V1Container 2=containers:[]V1Container 34=ephemeralContainers:[]V1EphemeralContainer 3=restartPolicy:s 4=terminationGracePeriodSeconds:l* 5=activeDeadlineSeconds:l* 6=dnsPolicy:s 7=nodeSelector:{}s 8=serviceAccountName:s 9=serviceAccount:s 21=automountServiceAccountToken:b* 10=nodeName:s 11=hostNetwork:b 12=hostPID:b 13=hostIPC:b 27=shareProcessNamespace:b* 14=securityContext:V1PodSecurityContext* 15=imagePullSecrets:[]V1LocalObjectReference 16=hostname:s 17=subdomain:s 18=affinity:V1Affinity* 19=schedulerName:s 22=tolerations:[]V1Toleration 23=hostAliases:[]V1HostAlias 24=priorityClassName:s 25=priority:i* 26=dnsConfig:V1PodDNSConfig* 28=readinessGates:[]V1PodReadinessGate 29=runtimeClassName:s* 30=enableServiceLinks:b* 31=preemptionPolicy:s* 32=overhead:{}q 33=topologySpreadConstraints:[]V1TopologySpreadConstraint 35=setHostnameAsFQDN:b* 36=os:V1PodOS* 37=hostUsers:b* 38=schedulingGates:[]V1PodSchedulingGate 39=resourceClaims:[]V1PodResourceClaim 40=resources:V1ResourceRequirements* 41=hostnameOverride:s*
V1PodStatus 17=observedGeneration:l 1=phase:s 2=conditions:[]V1PodCondition 3=message:s 4=reason:s 11=nominatedNodeName:s 5=hostIP:s 16=hostIPs:[]V1HostIP 6=podIP:s 12=podIPs:[]V1PodIP 7=startTime:t* 10=initContainerStatuses:[]V1ContainerStatus 8=containerStatuses:[]V1ContainerStatus 9=qosClass:s 13=ephemeralContainerStatuses:[]V1ContainerStatus 14=resize:s 15=resourceClaimStatuses:[]V1PodResourceClaimStatus 18=extendedResourceClaimStatus:V1PodExtendedResourceClaimStatus*
V1PodTemplate 1=metadata:V1ObjectMeta 2=template:V1PodTemplateSpec
V1PodTemplateSpec 1=metadata:V1ObjectMeta 2=spec:V1PodSpec
V1PolicyRule 1=verbs:[]s 2=apiGroups:[]s 3=resources:[]s 4=resourceNames:[]s 5=nonResourceURLs:[]s
V1PolicyRulesWithSubjects 1=subjects:[]FlowcontrolV1Subject 2=resourceRules:[]V1ResourcePolicyRule 3=nonResourceRules:[]V1NonResourcePolicyRule
V1PortStatus 1=port:i 2=protocol:s 3=error:s*
V1PortworxVolumeSource 1=volumeID:s 2=fsType:s 3=readOnly:b
V1Preconditions 1=uid:s* 2=resourceVersion:s*
V1PreferredSchedulingTerm 1=weight:i 2=preference:V1NodeSelectorTerm
V1PriorityClass 1=metadata:V1ObjectMeta 2=value:i 3=globalDefault:b 4=description:s 5=preemptionPolicy:s*
V1PriorityLevelConfiguration 1=metadata:V1ObjectMeta 2=spec:V1PriorityLevelConfigurationSpec 3=status:V1PriorityLevelConfigurationStatus
V1PriorityLevelConfigurationCondition 1=type:s 2=status:s 3=lastTransitionTime:t 4=reason:s 5=message:s
V1PriorityLevelConfigurationReference 1=name:s
V1PriorityLevelConfigurationSpec 1=type:s 2=limited:V1LimitedPriorityLevelConfiguration* 3=exempt:V1ExemptPriorityLevelConfiguration*
V1PriorityLevelConfigurationStatus 1=conditions:[]V1PriorityLevelConfigurationCondition
V1Probe 1=:V1ProbeHandler 2=initialDelaySeconds:i 3=timeoutSeconds:i 4=periodSeconds:i 5=successThreshold:i 6=failureThreshold:i 7=terminationGracePeriodSeconds:l*
V1ProbeHandler 1=exec:V1ExecAction* 2=httpGet:V1HTTPGetAction* 3=tcpSocket:V1TCPSocketAction* 4=grpc:V1GRPCAction*
V1ProjectedVolumeSource 1=sources:[]V1VolumeProjection 2=defaultMode:i*
V1QueuingConfiguration 1=queues:i 2=handSize:i 3=queueLengthLimit:i
V1QuobyteVolumeSource 1=registry:s 2=volume:s 3=readOnly:b 4=user:s 5=group:s 6=tenant:s
V1RBDPersistentVolumeSource 1=monitors:[]s 2=image:s 3=fsType:s 4=pool:s 5=user:s 6=keyring:s 7=secretRef:V1SecretReference* 8=readOnly:b
V1RBDVolumeSource 1=monitors:[]s 2=image:s 3=fsType:s 4=pool:s 5=user:s 6=keyring:s 7=secretRef:V1LocalObjectReference* 8=readOnly:b
V1ReplicaSet 1=metadata:V1ObjectMeta 2=spec:V1ReplicaSetSpec 3=status:V1ReplicaSetStatus
V1ReplicaSetCondition 1=type:s 2=status:s 3=lastTransitionTime:t 4=reason:s 5=message:s
V1ReplicaSetSpec 1=replicas:i* 4=minReadySeconds:i 2=selector:V1LabelSelector* 3=template:V1PodTemplateSpec
V1ReplicaSetStatus 1=replicas:i 2=fullyLabeledReplicas:i 4=readyReplicas:i 5=availableReplicas:i 7=terminatingReplicas:i* 3=observedGeneration:l 6=conditions:[]V1ReplicaSetCondition
V1ReplicationController 1=metadata:V1ObjectMeta 2=spec:V1ReplicationControllerSpec 3=status:V1ReplicationControllerStatus
V1ReplicationControllerCondition 1=type:s 2=status:s 3=lastTransitionTime:t 4=reason:s 5=message:s
V1ReplicationControllerSpec 1=replicas:i* 4=minReadySeconds:i 2=selector:{}s 3=template:V1PodTemplateSpec*
V1ReplicationControllerStatus 1=replicas:i 2=fullyLabeledReplicas:i 4=readyReplicas:i 5=availableReplicas:i 3=observedGeneration:l 6=conditions:[]V1ReplicationControllerCondition
V1ResourceAttributes 1=namespace:s 2=verb:s 3=group:s 4=version:s 5=resource:s 6=subresource:s 7=name:s 8=fieldSelector:V1FieldSelectorAttributes* 9=labelSelector:V1LabelSelectorAttributes*
V1ResourceClaimConsumerReference 1=apiGroup:s 3=resource:s 4=name:s 5=uid:s
V1ResourceClaimSpec 1=devices:V1DeviceClaim
V1ResourceClaimStatus 1=allocation:V1AllocationResult* 2=reservedFor:[]V1ResourceClaimConsumerReference 4=devices:[]V1AllocatedDeviceStatus
V1ResourceClaimTemplate 1=metadata:V1ObjectMeta 2=spec:V1ResourceClaimTemplateSpec
V1ResourceClaimTemplateSpec 1=metadata:V1ObjectMeta 2=spec:V1ResourceClaimSpec
V1ResourceFieldSelector 1=containerName:s 2=resource:s 3=divisor:q
V1ResourceHealth 1=resourceID:s 2=health:s
V1ResourcePolicyRule 1=verbs:[]s 2=apiGroups:[]s 3=resources:[]s 4=clusterScope:b 5=namespaces:[]s
V1ResourcePool 1=name:s 2=generation:l 3=resourceSliceCount:l
V1ResourceQuota 1=metadata:V1ObjectMeta 2=spec:V1ResourceQuotaSpec 3=status:V1ResourceQuotaStatus
V1ResourceQuotaSpec 1=hard:{}q 2=scopes:[]s 3=scopeSelector:V1ScopeSelector*
V1ResourceQuotaStatus 1=hard:{}q 2=used:{}q
V1ResourceRequirements 1=limits:{}q 2=requests:{}q 3=claims:[]CoreV1ResourceClaim
V1ResourceRule 1=verbs:[]s 2=apiGroups:[]s 3=resources:[]s 4=resourceNames:[]s
V1ResourceSlice 1=metadata:V1ObjectMeta 2=spec:V1ResourceSliceSpec
V1ResourceSliceSpec 1=driver:s 2=pool:V1ResourcePool 3=nodeName:s* 4=nodeSelector:V1NodeSelector* 5=allNodes:b* 6=devices:[]V1Device 7=perDeviceNodeSelection:b* 8=sharedCounters:[]V1CounterSet
V1ResourceStatus 1=name:s 2=resources:[]V1ResourceHealth
V1Role 1=metadata:V1ObjectMeta 2=rules:[]V1PolicyRule
V1RoleBinding 1=metadata:V1ObjectMeta 2=subjects:[]RbacV1Subject 3=roleRef:V1RoleRef
V1RoleRef 1=apiGroup:s 2=kind:s 3=name:s
V1RollingUpdateDaemonSet 1=maxUnavailable:x* 2=maxSurge:x*
V1RollingUpdateDeployment 1=maxUnavailable:x* 2=maxSurge:x*
V1RollingUpdateStatefulSetStrategy 1=partition:i* 2=maxUnavailable:x*
V1Rule 1=apiGroups:[]s 2=apiVersions:[]s 3=resources:[]s 4=scope:s*
V1RuleWithOperations 1=operations:[]s 2=:V1Rule
V1RuntimeClass 1=metadata:V1ObjectMeta 2=handler:s 3=overhead:V1Overhead* 4=scheduling:V1Scheduling*
V1SELinuxOptions 1=user:s 2=role:s 3=type:s 4=level:s
V1Scale 1=metadata:V1ObjectMeta 2=spec:V1ScaleSpec 3=status:V1ScaleStatus
V1ScaleIOPersistentVolumeSource 1=gateway:s 2=system:s 3=secretRef:V1SecretReference* 4=sslEnabled:b 5=protectionDomain:s 6=storagePool:s 7=storageMode:s 8=volumeName:s 9=fsType:s 10=readOnly:b
V1ScaleIOVolumeSource 1=gateway:s 2=system:s 3=secretRef:V1LocalObjectReference* 4=sslEnabled:b 5=protectionDomain:s 6=storagePool:s 7=storageMode:s 8=volumeName:s 9=fsType:s 10=readOnly:b
V1ScaleSpec 1=replicas:i
V1ScaleStatus 1=replicas:i 2=selector:s
V1Scheduling 1=nodeSelector:{}s 2=tolerations:[]V1Toleration
V1ScopeSelector 1=matchExpressions:[]V1ScopedResourceSelectorRequirement
V1ScopedResourceSelectorRequirement 1=scopeName:s 2=operator:s 3=values:[]s
V1SeccompProfile 1=type:s 2=localhostProfile:s*
V1Secret 1=metadata:V1ObjectMeta 5=immutable:b* 2=data:{}y 4=stringData:{}s 3=type:s
V1SecretEnvSource 1=:V1LocalObjectReference 2=optional:b*
V1SecretKeySelector 1=:V1LocalObjectReference 2=key:s 3=optional:b*
V1SecretProjection 1=:V1LocalObjectReference 2=items:[]V1KeyToPath 4=optional:b*
V1SecretReference 1=name:s 2=namespace:s
V1SecretVolumeSource 1=secretName:s 2=items:[]V1KeyToPath 3=defaultMode:i* 4=optional:b*
V1SecurityContext 1=capabilities:V1Capabilities* 2=privileged:b* 3=seLinuxOptions:V1SELinuxOptions* 10=windowsOptions:V1WindowsSecurityContextOptions* 4=runAsUser:l* 8=runAsGroup:l* 5=runAsNonRoot:b* 6=readOnlyRootFilesystem:b* 7=allowPrivilegeEscalation:b* 9=procMount:s* 11=seccompProfile:V1SeccompProfile* 12=appArmorProfile:V1AppArmorProfile*
V1SelfSubjectAccessReview 1=metadata:V1ObjectMeta 2=spec:V1SelfSubjectAccessReviewSpec 3=status:V1SubjectAccessReviewStatus
V1SelfSubjectAccessReviewSpec 1=resourceAttributes:V1ResourceAttributes* 2=nonResourceAttributes:V1NonResourceAttributes*
V1SelfSubjectReview 1=metadata:V1ObjectMeta 2=status:V1SelfSubjectReviewStatus
V1SelfSubjectReviewStatus 1=userInfo:V1UserInfo
V1SelfSubjectRulesReview 1=metadata:V1ObjectMeta 2=spec:V1SelfSubjectRulesReviewSpec 3=status:V1SubjectRulesReviewStatus
V1SelfSubjectRulesReviewSpec 1=namespace:s
V1Service 1=metadata:V1ObjectMeta 2=spec:V1ServiceSpec 3=status:V1ServiceStatus
V1ServiceAccount 1=metadata:V1ObjectMeta 2=secrets:[]V1ObjectReference 3=imagePullSecrets:[]V1LocalObjectReference 4=automountServiceAccountToken:b*
V1ServiceAccountSubject 1=namespace:s 2=name:s
V1ServiceAccountTokenProjection 1=audience:s 2=expirationSeconds:l* 3=path:s
V1ServiceBackendPort 1=name:s 2=number:i
V1ServiceCIDR 1=metadata:V1ObjectMeta 2=spec:V1ServiceCIDRSpec 3=status:V1ServiceCIDRStatus
V1ServiceCIDRSpec 1=cidrs:[]s
V1ServiceCIDRStatus 1=conditions:[]V1Condition
V1ServicePort 1=name:s 2=protocol:s 6=appProtocol:s* 3=port:i 4=targetPort:x 5=nodePort:i
V1ServiceSpec 1=ports:[]V1ServicePort 2=selector:{}s 3=clusterIP:s 18=clusterIPs:[]s 4=type:s 5=externalIPs:[]s 7=sessionAffinity:s 8=loadBalancerIP:s 9=loadBalancerSourceRanges:[]s 10=externalName:s 11=externalTrafficPolicy:s 12=healthCheckNodePort:i 13=publishNotReadyAddresses:b 14=sessionAffinityConfig:V1SessionAffinityConfig* 19=ipFamilies:[]s 17=ipFamilyPolicy:s* 20=allocateLoadBalancerNodePorts:b* 21=loadBalancerClass:s* 22=internalTrafficPolicy:s* 23=trafficDistribution:s*
V1ServiceStatus 1=loadBalancer:V1LoadBalancerStatus 2=conditions:[]V1Condition
V1SessionAffinityConfig 1=clientIP:V1ClientIPConfig*
V1SleepAction 1=seconds:l
V1StatefulSet 1=metadata:V1ObjectMeta 2=spec:V1StatefulSetSpec 3=status:V1StatefulSetStatus
V1StatefulSetCondition 1=type:s 2=status:s 3=lastTransitionTime:t 4=reason:s 5=message:s
V1StatefulSetOrdinals 1=start:i
V1StatefulSetPersistentVolumeClaimRetentionPolicy 1=whenDeleted:s 2=whenScaled:s
V1StatefulSetSpec 1=replicas:i* 2=selector:V1LabelSelector* 3=template:V1PodTemplateSpec 4=volumeClaimTemplates:[]V1PersistentVolumeClaim 5=serviceName:s 6=podManagementPolicy:s 7=updateStrategy:V1StatefulSetUpdateStrategy 8=revisionHistoryLimit:i* 9=minReadySeconds:i 10=persistentVolumeClaimRetentionPolicy:V1StatefulSetPersistentVolumeClaimRetentionPolicy* 11=ordinals:V1StatefulSetOrdinals*
V1StatefulSetStatus 1=observedGeneration:l 2=replicas:i 3=readyReplicas:i 4=currentReplicas:i 5=updatedReplicas:i 6=currentRevision:s 7=updateRevision:s 9=collisionCount:i* 10=conditions:[]V1StatefulSetCondition 11=availableReplicas:i
V1StatefulSetUpdateStrategy 1=type:s 2=rollingUpdate:V1RollingUpdateStatefulSetStrategy*
V1Status 1=metadata:V1ListMeta 2=status:s 3=message:s 4=reason:s 5=details:V1StatusDetails* 6=code:i
V1StatusCause 1=reason:s 2=message:s 3=field:s
V1StatusDetails 1=name:s 2=group:s 3=kind:s 6=uid:s 4=causes:[]V1StatusCause 5=retryAfterSeconds:i
V1StorageClass 1=metadata:V1ObjectMeta 2=provisioner:s 3=parameters:{}s 4=reclaimPolicy:s* 5=mountOptions:[]s 6=allowVolumeExpansion:b* 7=volumeBindingMode:s* 8=allowedTopologies:[]V1TopologySelectorTerm
V1StorageOSPersistentVolumeSource 1=volumeName:s 2=volumeNamespace:s 3=fsType:s 4=readOnly:b 5=secretRef:V1ObjectReference*
V1StorageOSVolumeSource 1=volumeName:s 2=volumeNamespace:s 3=fsType:s 4=readOnly:b 5=secretRef:V1LocalObjectReference*
V1SubjectAccessReview 1=metadata:V1ObjectMeta 2=spec:V1SubjectAccessReviewSpec 3=status:V1SubjectAccessReviewStatus
V1SubjectAccessReviewSpec 1=resourceAttributes:V1ResourceAttributes* 2=nonResourceAttributes:V1NonResourceAttributes* 3=user:s 4=groups:[]s 5=extra:{}w 6=uid:s
V1SubjectAccessReviewStatus 1=allowed:b 4=denied:b 2=reason:s 3=evaluationError:s
V1SubjectRulesReviewStatus 1=resourceRules:[]V1ResourceRule 2=nonResourceRules:[]V1NonResourceRule 3=incomplete:b 4=evaluationError:s
V1SuccessPolicy 1=rules:[]V1SuccessPolicyRule
V1SuccessPolicyRule 1=succeededIndexes:s* 2=succeededCount:i*
V1Sysctl 1=name:s 2=value:s
V1TCPSocketAction 1=port:x 2=host:s
V1Taint 1=key:s 2=value:s 3=effect:s 4=timeAdded:t*
V1TokenRequestSpec 1=audiences:[]s 4=expirationSeconds:l* 3=boundObjectRef:V1BoundObjectReference*
V1TokenRequestStatus 1=token:s 2=expirationTimestamp:t
V1TokenReview 1=metadata:V1ObjectMeta 2=spec:V1TokenReviewSpec 3=status:V1TokenReviewStatus
V1TokenReviewSpec 1=token:s 2=audiences:[]s
V1TokenReviewStatus 1=authenticated:b 2=user:V1UserInfo 4=audiences:[]s 3=error:s
V1Toleration 1=key:s 2=operator:s 3=value:s 4=effect:s 5=tolerationSeconds:l*
V1TopologySelectorLabelRequirement 1=key:s 2=values:[]s
V1TopologySelectorTerm 1=matchLabelExpressions:[]V1TopologySelectorLabelRequirement
V1TopologySpreadConstraint 1=maxSkew:i 2=topologyKey:s 3=whenUnsatisfiable:s 4=labelSelector:V1LabelSelector* 5=minDomains:i* 6=nodeAffinityPolicy:s* 7=nodeTaintsPolicy:s* 8=matchLabelKeys:[]s
V1TypeChecking 1=expressionWarnings:[]V1ExpressionWarning
V1TypedLocalObjectReference 1=apiGroup:s* 2=kind:s 3=name:s
V1TypedObjectReference 1=apiGroup:s* 2=kind:s 3=name:s 4=namespace:s*
V1UncountedTerminatedPods 1=succeeded:[]s 2=failed:[]s
V1UserInfo 1=username:s 2=uid:s 3=groups:[]s 4=extra:{}w
V1UserSubject 1=name:s
V1ValidatingAdmissionPolicy 1=metadata:V1ObjectMeta 2=spec:V1ValidatingAdmissionPolicySpec 3=status:V1ValidatingAdmissionPolicyStatus
V1ValidatingAdmissionPolicyBinding 1=metadata:V1ObjectMeta 2=spec:V1ValidatingAdmissionPolicyBindingSpec
V1ValidatingAdmissionPolicyBindingSpec 1=policyName:s 2=paramRef:V1ParamRef* 3=matchResources:V1MatchResources* 4=validationActions:[]s
V1ValidatingAdmissionPolicySpec 1=paramKind:V1ParamKind* 2=matchConstraints:V1MatchResources* 3=validations:[]V1Validation 4=failurePolicy:s* 5=auditAnnotations:[]V1AuditAnnotation 6=matchConditions:[]V1MatchCondition 7=variables:[]V1Variable
V1ValidatingAdmissionPolicyStatus 1=observedGeneration:l 2=typeChecking:V1TypeChecking* 3=conditions:[]V1Condition
V1ValidatingWebhook 1=name:s 2=clientConfig:AdmissionregistrationV1WebhookClientConfig 3=rules:[]V1RuleWithOperations 4=failurePolicy:s* 9=matchPolicy:s* 5=namespaceSelector:V1LabelSelector* 10=objectSelector:V1LabelSelector* 6=sideEffects:s* 7=timeoutSeconds:i* 8=admissionReviewVersions:[]s 11=matchConditions:[]V1MatchCondition
V1ValidatingWebhookConfiguration 1=metadata:V1ObjectMeta 2=webhooks:[]V1ValidatingWebhook
V1Validation 1=expression:s 2=message:s 3=reason:s* 4=messageExpression:s
V1Variable 1=name:s 2=expression:s
V1Volume 1=name:s 2=:V1VolumeSource
V1VolumeAttachment 1=metadata:V1ObjectMeta 2=spec:V1VolumeAttachmentSpec 3=status:V1VolumeAttachmentStatus
V1VolumeAttachmentSource 1=persistentVolumeName:s* 2=inlineVolumeSpec:V1PersistentVolumeSpec*
V1VolumeAttachmentSpec 1=attacher:s 2=source:V1VolumeAttachmentSource 3=nodeName:s
V1VolumeAttachmentStatus 1=attached:b 2=attachmentMetadata:{}s 3=attachError:V1VolumeError* 4=detachError:V1VolumeError*
V1VolumeAttributesClass 1=metadata:V1ObjectMeta 2=driverName:s 3=parameters:{}s
V1VolumeDevice 1=name:s 2=devicePath:s
V1VolumeError 1=time:t 2=message:s 3=errorCode:i*
V1VolumeMount 1=name:s 2=readOnly:b 7=recursiveReadOnly:s* 3=mountPath:s 4=subPath:s 5=mountPropagation:s* 6=subPathExpr:s
V1VolumeMountStatus 1=name:s 2=mountPath:s 3=readOnly:b 4=recursiveReadOnly:s*
V1VolumeNodeAffinity 1=required:V1NodeSelector*
V1VolumeNodeResources 1=count:i*
V1VolumeProjection 1=secret:V1SecretProjection* 2=downwardAPI:V1DownwardAPIProjection* 3=configMap:V1ConfigMapProjection* 4=serviceAccountToken:V1ServiceAccountTokenProjection* 5=clusterTrustBundle:V1ClusterTrustBundleProjection* 6=podCertificate:V1PodCertificateProjection*
V1VolumeResourceRequirements 1=limits:{}q 2=requests:{}q
V1VolumeSource 1=hostPath:V1HostPathVolumeSource* 2=emptyDir:V1EmptyDirVolumeSource* 3=gcePersistentDisk:V1GCEPersistentDiskVolumeSource* 4=awsElasticBlockStore:V1AWSElasticBlockStoreVolumeSource* 5=gitRepo:V1GitRepoVolumeSource* 6=secret:V1SecretVolumeSource* 7=nfs:V1NFSVolumeSource* 8=iscsi:V1ISCSIVolumeSource* 9=glusterfs:V1GlusterfsVolumeSource* 10=persistentVolumeClaim:V1PersistentVolumeClaimVolumeSource* 11=rbd:V1RBDVolumeSource* 12=flexVolume:V1FlexVolumeSource* 13=cinder:V1CinderVolumeSource* 14=cephfs:V1CephFSVolumeSource* 15=flocker:V1FlockerVolumeSource* 16=downwardAPI:V1DownwardAPIVolumeSource* 17=fc:V1FCVolumeSource* 18=azureFile:V1AzureFileVolumeSource* 19=configMap:V1ConfigMapVolumeSource* 20=vsphereVolume:V1VsphereVirtualDiskVolumeSource* 21=quobyte:V1QuobyteVolumeSource* 22=azureDisk:V1AzureDiskVolumeSource* 23=photonPersistentDisk:V1PhotonPersistentDiskVolumeSource* 26=projected:V1ProjectedVolumeSource* 24=portworxVolume:V1PortworxVolumeSource* 25=scaleIO:V1ScaleIOVolumeSource* 27=storageos:V1StorageOSVolumeSource* 28=csi:V1CSIVolumeSource* 29=ephemeral:V1EphemeralVolumeSource* 30=image:V1ImageVolumeSource*
V1VsphereVirtualDiskVolumeSource 1=volumePath:s 2=fsType:s 3=storagePolicyName:s 4=storagePolicyID:s
V1WeightedPodAffinityTerm 1=weight:i 2=podAffinityTerm:V1PodAffinityTerm
V1WindowsSecurityContextOptions 1=gmsaCredentialSpecName:s* 2=gmsaCredentialSpec:s* 3=runAsUserName:s* 4=hostProcess:b*
V2ContainerResourceMetricSource 1=name:s 2=target:V2MetricTarget 3=container:s
V2ContainerResourceMetricStatus 1=name:s 2=current:V2MetricValueStatus 3=container:s
V2CrossVersionObjectReference 1=kind:s 2=name:s 3=apiVersion:s
V2ExternalMetricSource 1=metric:V2MetricIdentifier 2=target:V2MetricTarget
V2ExternalMetricStatus 1=metric:V2MetricIdentifier 2=current:V2MetricValueStatus
V2HPAScalingPolicy 1=type:s 2=value:i 3=periodSeconds:i
V2HPAScalingRules 3=stabilizationWindowSeconds:i* 1=selectPolicy:s* 2=policies:[]V2HPAScalingPolicy 4=tolerance:q*
V2HorizontalPodAutoscaler 1=metadata:V1ObjectMeta 2=spec:V2HorizontalPodAutoscalerSpec 3=status:V2HorizontalPodAutoscalerStatus
V2HorizontalPodAutoscalerBehavior 1=scaleUp:V2HPAScalingRules* 2=scaleDown:V2HPAScalingRules*
V2HorizontalPodAutoscalerCondition 1=type:s 2=status:s 3=lastTransitionTime:t 4=reason:s 5=message:s
V2HorizontalPodAutoscalerSpec 1=scaleTargetRef:V2CrossVersionObjectReference 2=minReplicas:i* 3=maxReplicas:i 4=metrics:[]V2MetricSpec 5=behavior:V2HorizontalPodAutoscalerBehavior*
V2HorizontalPodAutoscalerStatus 1=observedGeneration:l* 2=lastScaleTime:t* 3=currentReplicas:i 4=desiredReplicas:i 5=currentMetrics:[]V2MetricStatus 6=conditions:[]V2HorizontalPodAutoscalerCondition
V2MetricIdentifier 1=name:s 2=selector:V1LabelSelector*
V2MetricSpec 1=type:s 2=object:V2ObjectMetricSource* 3=pods:V2PodsMetricSource* 4=resource:V2ResourceMetricSource* 7=containerResource:V2ContainerResourceMetricSource* 5=external:V2ExternalMetricSource*
V2MetricStatus 1=type:s 2=object:V2ObjectMetricStatus* 3=pods:V2PodsMetricStatus* 4=resource:V2ResourceMetricStatus* 7=containerResource:V2ContainerResourceMetricStatus* 5=external:V2ExternalMetricStatus*
V2MetricTarget 1=type:s 2=value:q* 3=averageValue:q* 4=averageUtilization:i*
V2MetricValueStatus 1=value:q* 2=averageValue:q* 3=averageUtilization:i*
V2ObjectMetricSource 1=describedObject:V2CrossVersionObjectReference 2=target:V2MetricTarget 3=metric:V2MetricIdentifier
V2ObjectMetricStatus 1=metric:V2MetricIdentifier 2=current:V2MetricValueStatus 3=describedObject:V2CrossVersionObjectReference
V2PodsMetricSource 1=metric:V2MetricIdentifier 2=target:V2MetricTarget
V2PodsMetricStatus 1=metric:V2MetricIdentifier 2=current:V2MetricValueStatus
V2ResourceMetricSource 1=name:s 2=target:V2MetricTarget
V2ResourceMetricStatus 1=name:s 2=current:V2MetricValueStatus
`;
