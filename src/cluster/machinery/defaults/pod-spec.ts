import type {
  Container,
  ContainerPort,
  DownwardAPIVolumeFile,
  EphemeralContainer,
  HTTPGetAction,
  PodSpec,
  Probe,
  Volume,
} from 'kubernetes-types/core/v1.js';

import { defaultClaimSpec, defaultDisk } from './storage.ts';

/** Defaults of a Pod's spec, in a Pod as in a template. */
export function defaultPodSpec(spec: PodSpec): void {
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    defaultContainer(container);
    if (spec.hostNetwork) shareHostPorts(container.ports ?? []);
  }
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ??= 'default-scheduler';
  const serviceAccount = spec.serviceAccountName ?? spec.serviceAccount;
  if (serviceAccount !== undefined) {
    spec.serviceAccountName = serviceAccount;
    spec.serviceAccount = serviceAccount;
  }
}

function defaultContainer(container: Container | EphemeralContainer): void {
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const variable of container.env ?? []) {
    const field = variable.valueFrom?.fieldRef;
    if (field) field.apiVersion ??= 'v1';
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) defaultProbe(probe);
  }
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (handler?.httpGet) defaultHttpGet(handler.httpGet);
  }
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.imagePullPolicy ??= isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: Probe): void {
  if (probe.httpGet) defaultHttpGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
}

function defaultHttpGet(action: HTTPGetAction): void {
  action.path ??= '/';
  action.scheme ??= 'HTTP';
}

/** No tag and no digest means `:latest`; a colon before the last slash is a registry's port. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return /:latest@/.test(image);
  const [, tag] = /:([^/:]*)$/.exec(image) ?? [];
  return tag === undefined || tag === 'latest';
}

function shareHostPorts(ports: readonly ContainerPort[]): void {
  for (const port of ports) port.hostPort ??= port.containerPort;
}

function defaultVolume(volume: Volume): void {
  const { name: _, ...source } = volume;
  if (Object.keys(source).length === 0) volume.emptyDir = {};
  if (volume.configMap) volume.configMap.defaultMode ??= 0o644;
  if (volume.secret) volume.secret.defaultMode ??= 0o644;
  if (volume.hostPath) volume.hostPath.type ??= '';
  defaultDisk(volume);
  const { image } = volume as { image?: { reference?: string; pullPolicy?: string } };
  if (image) image.pullPolicy ??= isLatest(image.reference ?? '') ? 'Always' : 'IfNotPresent';
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= 0o644;
    defaultFiles(volume.downwardAPI.items ?? []);
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= 0o644;
    for (const { serviceAccountToken, downwardAPI } of volume.projected.sources ?? []) {
      if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
      defaultFiles(downwardAPI?.items ?? []);
    }
  }
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim) defaultClaimSpec(claim);
}

function defaultFiles(files: readonly DownwardAPIVolumeFile[]): void {
  for (const { fieldRef } of files) if (fieldRef) fieldRef.apiVersion ??= 'v1';
}
