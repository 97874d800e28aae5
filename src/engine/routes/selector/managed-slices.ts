import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { standInManager } from '../../annotations.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
const proxyNameLabel = 'service.kubernetes.io/service-proxy-name';
const headlessLabel = 'service.kubernetes.io/headless';
const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

const controller = 'endpointslice-controller.k8s.io';
const mirroring = 'endpointslicemirroring-controller.k8s.io';

/** With it, Endpoints are not mirrored into slices, and mirrored slices go. */
export const skipMirrorLabel = 'endpointslice.kubernetes.io/skip-mirror';

/** Made by the EndpointSlice controller: without a selector it does not look at them. */
export function isControllers(slice: EndpointSlice): boolean {
  return managerOf(slice) === controller;
}

/** Added by a stand-in, and to be taken away again. */
export function isOwn(slice: EndpointSlice): boolean {
  return managerOf(slice) === standInManager;
}

export function isMirrored(slice: EndpointSlice): boolean {
  return managerOf(slice) === mirroring;
}

function managerOf({ metadata }: EndpointSlice): string | undefined {
  return metadata?.labels?.[managedByLabel];
}

/**
 * A slice of the stand-in's own. Its name is the same for all who stand in for one Service, so that
 * two of them never add it twice. Of the Service's labels it bears only those that proxies go by: a
 * GitOps tool that tracks by label would take it for its own, and remove it.
 */
export function ownSlice(
  service: Service,
  content: Required<Pick<EndpointSlice, 'addressType' | 'ports' | 'endpoints'>>,
  taken: ReadonlySet<string>,
): EndpointSlice {
  const { name: serviceName = '', namespace = '', uid = '' } = service.metadata ?? {};
  const stem = `${serviceName}-pitstop-${content.addressType.toLowerCase()}`;
  let number = 1;
  while (taken.has(`${stem}-${number}`)) number += 1;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${stem}-${number}`,
      namespace,
      labels: {
        ...proxyLabels(service),
        [serviceNameLabel]: serviceName,
        [managedByLabel]: standInManager,
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: serviceName, uid }],
    },
    ...content,
  };
}

/** Which proxy serves it, and whether one is needed at all. */
function proxyLabels({ metadata, spec }: Service): Record<string, string> {
  const proxy = metadata?.labels?.[proxyNameLabel];
  return {
    ...(proxy !== undefined && { [proxyNameLabel]: proxy }),
    ...(spec?.clusterIP === 'None' && { [headlessLabel]: '' }),
  };
}
