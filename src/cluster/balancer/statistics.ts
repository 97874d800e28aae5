import type { Endpoint } from './endpoints.ts';
import type { Forwarding } from './forward.ts';

/** What one endpoint got through one Service port since the cluster started. */
export interface EndpointStatistics {
  /** `namespace/name` of the Service. */
  readonly service: string;
  /** The port's name; empty for a Service's only, nameless port. */
  readonly port: string;
  /** `address:port`. */
  readonly endpoint: string;
  readonly connections: { readonly total: number; readonly open: number; readonly failed: number };
  readonly bytes: { readonly toEndpoint: number; readonly fromEndpoint: number };
}

interface Counter {
  total: number;
  failed: number;
  toEndpoint: number;
  fromEndpoint: number;
  readonly open: Set<Forwarding>;
  readonly service: string;
  readonly port: string;
  readonly endpoint: string;
}

/** Counts connections when they begin and end; bytes are the sockets' own count, read when asked. */
export class Statistics {
  readonly #counters = new Map<string, Counter>();

  counter(service: string, port: string, endpoint: Endpoint): Counter {
    const key = `${service} ${port} ${endpoint.name}`;
    let counter = this.#counters.get(key);
    if (!counter) {
      counter = {
        service,
        port,
        endpoint: endpoint.name,
        total: 0,
        failed: 0,
        toEndpoint: 0,
        fromEndpoint: 0,
        open: new Set<Forwarding>(),
      };
      this.#counters.set(key, counter);
    }
    return counter;
  }

  snapshot(): readonly EndpointStatistics[] {
    return [...this.#counters.values()].map((counter) => {
      const open = [...counter.open];
      return {
        service: counter.service,
        port: counter.port,
        endpoint: counter.endpoint,
        connections: { total: counter.total, open: open.length, failed: counter.failed },
        bytes: {
          toEndpoint: counter.toEndpoint + sum(open, ({ backend }) => backend.bytesWritten),
          fromEndpoint: counter.fromEndpoint + sum(open, ({ backend }) => backend.bytesRead),
        },
      };
    });
  }
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
