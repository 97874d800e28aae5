import type { Api } from '../api.ts';
import { type EndpointStatistics, startBalancer } from '../balancer/index.ts';
import { balancerAddress, hasNamespaces, type PodNetwork } from '../network/index.ts';
import { loadBaseRules, startKernelDataPlane } from '../nftables/index.ts';
import { log } from './log.ts';
import type { NodeConfig, ProxyMode } from './messages.ts';
import type { Outside } from './outside.ts';
import { failed, serviceFailed } from './reports.ts';

export interface DataPlane extends AsyncDisposable {
  statistics(): Promise<readonly EndpointStatistics[]>;
}

/**
 * Loads the kernel's first rules, if it can be: that is the only way to know. Throws when nftables
 * was asked for and cannot be had.
 */
export async function chooseProxyMode(config: NodeConfig, serviceCidr: string): Promise<ProxyMode> {
  const { level, proxyMode = 'auto' } = config;
  if (proxyMode === 'userspace') return 'userspace';
  try {
    if (!hasNamespaces(level)) throw new Error(`level ${level} has no network of its own`);
    await loadBaseRules({ serviceCidr, ownAddress: balancerAddress });
    return 'nftables';
  } catch (error) {
    const reason = (error as Error).message;
    if (proxyMode === 'nftables') {
      throw new Error(`proxy mode nftables cannot be had: ${reason}`, { cause: error });
    }
    log('info', 'services are carried by this process', { reason });
    return 'userspace';
  }
}

export function startDataPlane(options: {
  readonly proxyMode: ProxyMode;
  readonly serviceCidr: string;
  readonly api: Api;
  readonly network: PodNetwork;
  readonly nodeNames: readonly string[];
  readonly config: NodeConfig;
  readonly outside: Outside;
}): DataPlane {
  const { proxyMode, serviceCidr, api, network, outside } = options;
  const { proxyFollows } = options.config;
  const parts = new AsyncDisposableStack();
  // Node ports of the machine are sockets from outside in any mode: no rule of ours reaches there.
  const balancer = parts.use(
    startBalancer({
      api,
      network: proxyMode === 'nftables' ? { ...network, serviceAddress: () => undefined } : network,
      proxyFollows,
      openNodePort: (port) => outside.openNodePort(port),
      openUdpNodePort: (port) => outside.openUdpNodePort(port),
      failed: serviceFailed(api),
    }),
  );
  if (proxyMode === 'userspace') {
    return {
      statistics: () => Promise.resolve(balancer.statistics()),
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  }
  const kernel = parts.use(
    startKernelDataPlane({
      serviceCidr,
      ownAddress: balancerAddress,
      api,
      proxyFollows,
      nodes: network.nodes.map(({ nodeAddress, podCidr }, index) => ({
        name: options.nodeNames[index] ?? '',
        nodeAddress,
        podCidr,
      })),
      onError: failed('service rules are made anew'),
    }),
  );
  return {
    statistics: async () => added([...balancer.statistics(), ...(await kernel.statistics())]),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** One entry for what came through both: from outside, and from Pods. */
function added(statistics: readonly EndpointStatistics[]): readonly EndpointStatistics[] {
  const sums = new Map<string, EndpointStatistics>();
  for (const one of statistics) {
    const key = [one.service, one.protocol, one.port, one.endpoint].join(' ');
    const other = sums.get(key);
    sums.set(key, other ? sum(one, other) : one);
  }
  return [...sums.values()];
}

function sum(one: EndpointStatistics, other: EndpointStatistics): EndpointStatistics {
  return {
    ...one,
    connections: {
      total: one.connections.total + other.connections.total,
      open: one.connections.open + other.connections.open,
      failed: one.connections.failed + other.connections.failed,
    },
    bytes: {
      toEndpoint: one.bytes.toEndpoint + other.bytes.toEndpoint,
      fromEndpoint: one.bytes.fromEndpoint + other.bytes.fromEndpoint,
    },
  };
}
