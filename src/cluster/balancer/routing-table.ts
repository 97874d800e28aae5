import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Api, KubeObject, WatchEvent } from '../api.ts';
import {
  type Endpoint,
  endpointsOfObject,
  endpointsOfSlice,
  type ListedEndpoints,
  mergeEndpoints,
  portKey,
  usableEndpoints,
} from './endpoints.ts';
import { isProxied, type ServicePort, servicePortsOf } from './service-ports.ts';

export type ProxyFollows = 'endpointslices' | 'endpoints';

/**
 * What the API says about Services and their endpoints, for any data plane. It is told of a change
 * from inside the write that makes it, so that whoever picks an endpoint after a write has returned
 * sees that write.
 */
export interface RoutingTable extends Disposable {
  /** The Services that have a port to answer at, by `namespace/name`. */
  readonly services: ReadonlyMap<string, RoutedService>;
  /** Everything listed for a port, whatever its condition; the same array until it changes. */
  endpoints(port: ServicePort): readonly Endpoint[];
  /** Those that get new connections; with a node name only those on that node. */
  usable(port: ServicePort, nodeName?: string): readonly Endpoint[];
}

export interface RoutedService {
  readonly object: Service;
  readonly ports: readonly ServicePort[];
}

interface RoutingTableOptions {
  readonly follows: ProxyFollows;
  /**
   * `service` is `namespace/name`: it changed, or its endpoints did. Called from inside the write, and
   * for all there is before `createRoutingTable` has returned: note it, act on the table later.
   */
  readonly changed: (service: string) => void;
}

export function createRoutingTable(api: Api, options: RoutingTableOptions): RoutingTable {
  const services = new Map<string, RoutedService>();
  // By Service, then by the object that lists them: of 50 slices only the changed one is read again.
  const listed = new Map<string, Map<string, ListedEndpoints>>();
  const serviceOfSlice = new Map<string, string>();
  const merged = new Map<string, Map<string, MergedPort>>();

  function noteService(event: WatchEvent<Service>): void {
    const key = keyOf(event.object);
    const ports = event.type === 'DELETED' ? [] : servicePortsOf(event.object);
    if (ports.length > 0) services.set(key, { object: event.object, ports });
    else if (!services.delete(key)) return;
    merged.delete(key);
    options.changed(key);
  }

  function noteSlice(event: WatchEvent<EndpointSlice>): void {
    const key = keyOf(event.object);
    const previous = serviceOfSlice.get(key);
    const name = event.object.metadata?.labels?.['kubernetes.io/service-name'];
    const isListed = event.type !== 'DELETED' && name && isProxied(event.object);
    const service = isListed ? `${event.object.metadata?.namespace}/${name}` : undefined;
    if (previous !== undefined && previous !== service) {
      serviceOfSlice.delete(key);
      note(previous, key, undefined);
    }
    if (service !== undefined) {
      serviceOfSlice.set(key, service);
      note(service, key, endpointsOfSlice(event.object));
    }
  }

  function noteEndpoints(event: WatchEvent<Endpoints>): void {
    const key = keyOf(event.object);
    note(key, key, event.type === 'DELETED' ? undefined : endpointsOfObject(event.object));
  }

  function note(service: string, source: string, content: ListedEndpoints | undefined): void {
    const sources = listed.get(service) ?? new Map<string, ListedEndpoints>();
    if (content) listed.set(service, sources.set(source, content));
    else sources.delete(source);
    if (sources.size === 0) listed.delete(service);
    merged.delete(service);
    options.changed(service);
  }

  function mergedPort({ service, protocol, portName }: ServicePort): MergedPort {
    let ports = merged.get(service);
    if (!ports) merged.set(service, (ports = new Map()));
    const key = portKey(protocol, portName);
    let port = ports.get(key);
    if (!port) {
      const all = mergeEndpoints(listed.get(service)?.values() ?? [], key);
      ports.set(key, (port = { all, usable: new Map() }));
    }
    return port;
  }

  const watches = [
    api.watch<Service>('services', noteService),
    options.follows === 'endpoints'
      ? api.watch<Endpoints>('endpoints', noteEndpoints)
      : api.watch<EndpointSlice>('endpointslices', noteSlice),
  ];

  return {
    services,
    endpoints: (port) => mergedPort(port).all,
    usable(port, nodeName = '') {
      const { all, usable } = mergedPort(port);
      let endpoints = usable.get(nodeName);
      if (!endpoints) {
        usable.set(nodeName, (endpoints = usableEndpoints(all, nodeName || undefined)));
      }
      return endpoints;
    },
    [Symbol.dispose]() {
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
}

interface MergedPort {
  readonly all: readonly Endpoint[];
  /** By node name; empty for all nodes. */
  readonly usable: Map<string, readonly Endpoint[]>;
}

function keyOf(object: KubeObject): string {
  return `${object.metadata?.namespace}/${object.metadata?.name}`;
}
