import type { Endpoint } from './endpoints.ts';
import type { Protocol, ServicePort } from './service-ports.ts';

/** What one endpoint got through one Service port since the cluster started. */
export interface EndpointStatistics {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** The port's name; empty for a Service's only, nameless port. */
  readonly port: string;
  readonly protocol: Protocol;
  /** `address:port`. */
  readonly endpoint: string;
  /** Name of the Pod behind it, if it is one. */
  readonly pod?: string;
  /** Of UDP, one connection is all that one client sends until it falls silent. */
  readonly connections: { readonly total: number; readonly open: number; readonly failed: number };
  readonly bytes: { readonly toEndpoint: number; readonly fromEndpoint: number };
}

/** What a connection has carried so far; a Socket says it itself. */
interface Carried {
  readonly bytesWritten: number;
  readonly bytesRead: number;
}

/** Counts the connections of one endpoint. */
export interface Counter {
  opened(): void;
  /** Its bytes are read when somebody asks, until `closed`. */
  carries(connection: Carried): void;
  closed(connection: Carried): void;
  failed(): void;
}

class EndpointCounter implements Counter {
  readonly #port: ServicePort;
  readonly #endpoint: Endpoint;
  readonly #open = new Set<Carried>();
  #total = 0;
  #failed = 0;
  #toEndpoint = 0;
  #fromEndpoint = 0;

  constructor(port: ServicePort, endpoint: Endpoint) {
    this.#port = port;
    this.#endpoint = endpoint;
  }

  get isIdle(): boolean {
    return this.#open.size === 0;
  }

  opened(): void {
    this.#total += 1;
  }

  carries(connection: Carried): void {
    this.#open.add(connection);
  }

  closed(connection: Carried): void {
    this.#open.delete(connection);
    this.#toEndpoint += connection.bytesWritten;
    this.#fromEndpoint += connection.bytesRead;
  }

  failed(): void {
    this.#failed += 1;
  }

  snapshot(): EndpointStatistics {
    let [toEndpoint, fromEndpoint] = [this.#toEndpoint, this.#fromEndpoint];
    for (const connection of this.#open) {
      toEndpoint += connection.bytesWritten;
      fromEndpoint += connection.bytesRead;
    }
    const { service, portName, protocol } = this.#port;
    const { name, pod } = this.#endpoint;
    return {
      service,
      port: portName,
      protocol,
      endpoint: name,
      ...(pod && { pod }),
      connections: { total: this.#total, open: this.#open.size, failed: this.#failed },
      bytes: { toEndpoint, fromEndpoint },
    };
  }
}

/** Counts connections when they begin and end; bytes are the sockets' own count, read when asked. */
export class Statistics {
  readonly #counters = new Map<string, EndpointCounter>();
  // The name is put together once for each time an endpoint is listed, not for each connection.
  readonly #known = new WeakMap<Endpoint, EndpointCounter>();

  counter(port: ServicePort, endpoint: Endpoint): Counter {
    const known = this.#known.get(endpoint);
    if (known) return known;
    const key = `${port.service} ${port.protocol} ${port.portName} ${endpoint.name} ${endpoint.pod}`;
    const counter = this.#counters.get(key) ?? new EndpointCounter(port, endpoint);
    this.#counters.set(key, counter);
    this.#known.set(endpoint, counter);
    if (this.#counters.size > MAX_COUNTERS) this.#forgetOldest();
    return counter;
  }

  /** One entry for each endpoint that ever got a connection, gone ones too. */
  snapshot(): readonly EndpointStatistics[] {
    return Array.from(this.#counters.values(), (counter) => counter.snapshot());
  }

  #forgetOldest(): void {
    for (const [key, counter] of this.#counters) {
      if (!counter.isIdle) continue;
      this.#counters.delete(key);
      return;
    }
  }
}

/** Pods come and go for as long as the cluster lives; their counters must not pile up. */
const MAX_COUNTERS = 20_000;
