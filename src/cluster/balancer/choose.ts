import type { Endpoint } from './endpoints.ts';
import { createPicker } from './pick.ts';
import type { RoutingTable } from './routing-table.ts';
import type { ServicePort } from './service-ports.ts';
import type { Counter, Statistics } from './statistics.ts';

/** An endpoint for one connection, and where that connection is counted. */
export interface PickedEndpoint {
  readonly endpoint: Endpoint;
  readonly counter: Counter;
}

interface Request {
  readonly port: ServicePort;
  /** Whether it came to a ClusterIP, not to a node port. */
  readonly isInternal: boolean;
  /** Asked only if it matters: it costs a system call. */
  readonly clientAddress: () => string;
}

interface ChooseOptions {
  readonly table: RoutingTable;
  readonly statistics: Statistics;
  /** Name of the Node on which a client runs; undefined for one that is no Pod. */
  readonly nodeOf: (clientAddress: string) => string | undefined;
}

/** Chooses the endpoint of each new connection by the Service's policies; undefined: refuse it. */
export function createChooser({ table, statistics, nodeOf }: ChooseOptions) {
  const picker = createPicker();
  return ({ port, isInternal, clientAddress }: Request): PickedEndpoint | undefined => {
    const endpoint = picker.pick({
      port,
      clientAddress: port.affinityTimeoutMs === undefined ? '' : clientAddress(),
      // KEP-2086. A client outside of all nodes has none of its own, and a node port is reached at the
      // machine's 127.0.0.1, which stands for all nodes: `Local` cannot hold anything back there.
      endpoints:
        isInternal && port.internalTrafficPolicy === 'Local'
          ? table.usable(port, nodeOf(clientAddress()))
          : table.usable(port),
    });
    return endpoint && { endpoint, counter: statistics.counter(port, endpoint) };
  };
}
