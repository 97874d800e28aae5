import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Api, KubeObject, WatchEvent } from '../api.ts';
import { type Endpoint, endpointsOfEndpoints, endpointsOfSlices } from './endpoints.ts';

export type ProxyFollows = 'endpointslices' | 'endpoints';

/**
 * What the API says about Services and their endpoints. It is told of a change from inside the write
 * that makes it, so that whoever picks an endpoint after a write has returned sees that write.
 */
export interface RoutingTable extends Disposable {
  readonly services: ReadonlyMap<string, Service>;
  /** The endpoints for new connections; `service` is `namespace/name`. */
  endpoints(service: string, portName: string): readonly Endpoint[];
}

export function createRoutingTable(
  api: Api,
  options: { readonly follows: ProxyFollows; readonly changed: () => void },
): RoutingTable {
  const services = new Map<string, Service>();
  const slices = new Map<string, Map<string, EndpointSlice>>();
  const serviceOfSlice = new Map<string, string>();
  const endpointsObjects = new Map<string, Endpoints>();
  const computed = new Map<string, readonly Endpoint[]>();

  function noteService(event: WatchEvent<Service>): void {
    const key = keyOf(event.object);
    if (event.type !== 'DELETED' && isBalanced(event.object)) services.set(key, event.object);
    else services.delete(key);
    options.changed();
  }

  function noteSlice(event: WatchEvent<EndpointSlice>): void {
    const key = keyOf(event.object);
    const previous = serviceOfSlice.get(key);
    if (previous !== undefined) {
      slices.get(previous)?.delete(key);
      serviceOfSlice.delete(key);
      forget(previous);
    }
    const name = event.object.metadata?.labels?.['kubernetes.io/service-name'];
    if (event.type !== 'DELETED' && name && isProxied(event.object)) {
      const service = `${event.object.metadata?.namespace}/${name}`;
      const siblings = slices.get(service) ?? new Map<string, EndpointSlice>();
      slices.set(service, siblings.set(key, event.object));
      serviceOfSlice.set(key, service);
      forget(service);
    }
    options.changed();
  }

  function noteEndpoints(event: WatchEvent<Endpoints>): void {
    const key = keyOf(event.object);
    if (event.type === 'DELETED') endpointsObjects.delete(key);
    else endpointsObjects.set(key, event.object);
    forget(key);
    options.changed();
  }

  function forget(service: string): void {
    for (const key of computed.keys()) {
      if (key.startsWith(`${service}:`)) computed.delete(key);
    }
  }

  const watches = [
    api.watch<Service>('services', noteService),
    options.follows === 'endpoints'
      ? api.watch<Endpoints>('endpoints', noteEndpoints)
      : api.watch<EndpointSlice>('endpointslices', noteSlice),
  ];

  return {
    services,
    endpoints(service, portName) {
      const key = `${service}:${portName}`;
      let endpoints = computed.get(key);
      if (!endpoints) {
        endpoints =
          options.follows === 'endpoints'
            ? endpointsOfEndpoints(endpointsObjects.get(service), portName)
            : endpointsOfSlices([...(slices.get(service)?.values() ?? [])], portName);
        computed.set(key, endpoints);
      }
      return endpoints;
    },
    [Symbol.dispose]() {
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
}

function keyOf(object: KubeObject): string {
  return `${object.metadata?.namespace}/${object.metadata?.name}`;
}

function isBalanced(service: Service): boolean {
  const clusterIP = service.spec?.clusterIP ?? '';
  return (
    service.spec?.type !== 'ExternalName' &&
    clusterIP !== '' &&
    clusterIP !== 'None' &&
    isProxied(service)
  );
}

// KEP-2447 and kube-proxy's own selector: these labels hand an object to another proxy, or to none.
function isProxied(object: KubeObject): boolean {
  const labels = object.metadata?.labels ?? {};
  return !(
    'service.kubernetes.io/service-proxy-name' in labels ||
    'service.kubernetes.io/headless' in labels
  );
}
