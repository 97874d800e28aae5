import { writeFile } from 'node:fs/promises';
import { createAddressPool, podAddresses } from './address-pool.ts';
import { ip } from './ip-command.ts';
import type { NodeNetwork, PodNetwork, PodNetworkOptions } from './pod-network.ts';

// Outside the Pods' addresses and the ClusterIPs, so that an address says who is speaking: the
// kubelets' probes come from the nodes, Service traffic of this process from the balancer,
// everything else in 10.244 is a Pod.
const apiAddress = '10.0.0.1';
export const balancerAddress = '10.0.0.2';
const dnsAddress = '10.0.0.3';
const nodeAddress = (index: number) => `10.0.0.${index + 11}`;

const settings = {
  'net/ipv4/ip_forward': '1',
  // Many short connections to few Pods: every port, and again after a second.
  'net/ipv4/ip_local_port_range': '1024 65535',
  'net/ipv4/tcp_tw_reuse': '1',
  // A Pod that reaches itself through a Service must not be told a shorter way.
  'net/ipv4/conf/all/send_redirects': '0',
  'net/ipv4/conf/default/send_redirects': '0',
};

/**
 * All nodes' Pods in the network namespace this process runs in, where it needs to be root: a veth
 * pair and a route for each Pod. No bridge: every packet between Pods is routed here, so that the
 * kernel sees both directions of a connection whose address it translates.
 */
export async function createRoutedNetwork(options: PodNetworkOptions): Promise<PodNetwork> {
  const { podCidrs, serviceCidr } = options;
  const gateways = podCidrs.map(gatewayOf);
  const addresses = [
    apiAddress,
    balancerAddress,
    dnsAddress,
    ...podCidrs.map((_, index) => nodeAddress(index)),
  ];
  await Promise.all(
    Object.entries(settings).map(([name, value]) => writeFile(`/proc/sys/${name}`, value)),
  );
  await ip([
    'link set lo up',
    ...[...addresses, ...gateways].map((address) => `address add ${address}/32 dev lo`),
    options.clusterIPs === 'listened'
      ? `route add local ${serviceCidr} dev lo`
      : `route add ${serviceCidr} dev lo src ${balancerAddress}`,
    // An address of no Pod is told so at once.
    ...podCidrs.map((podCidr) => `route add unreachable ${podCidr}`),
  ]);
  let links = 0;
  const made = new AsyncDisposableStack();
  const nodes = podCidrs.map((podCidr, index) =>
    made.adopt(nodeNetwork({ podCidr, index, nextLink: () => `veth${++links}` }), (node) =>
      node.detachAll(),
    ),
  );
  return {
    level: options.level,
    nodes,
    apiAddress,
    dns: { host: dnsAddress, port: 53 },
    balancerAddress,
    serviceAddress: (clusterIP) => clusterIP,
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

interface Attached {
  readonly ip: string;
  readonly link: string;
}

function nodeNetwork(options: {
  readonly podCidr: string;
  readonly index: number;
  readonly nextLink: () => string;
}): NodeNetwork & { detachAll(): Promise<void> } {
  const { podCidr } = options;
  const pool = createAddressPool(podAddresses(podCidr));
  const gateway = gatewayOf(podCidr);
  const attached = new Map<string, Attached>();

  async function attach(sandbox: { readonly uid: string; readonly pid: number }) {
    const known = attached.get(sandbox.uid);
    if (known) return { ip: known.ip };
    const address = pool.take();
    const link = options.nextLink();
    try {
      await ip([
        `link add ${link} up type veth peer name eth0 netns ${sandbox.pid}`,
        // The balancer need not bind its connections: a port bound before the connect is looked for
        // among all connections there are or were a minute ago, five times the work at 1000 a second.
        `route add ${address} dev ${link} src ${balancerAddress}`,
      ]);
      await ip(
        [
          'link set lo up',
          `address add ${address}/32 dev eth0`,
          'link set eth0 up',
          `route add ${gateway} dev eth0`,
          `route add default via ${gateway}`,
        ],
        { pid: sandbox.pid },
      );
    } catch (cause) {
      await remove(link);
      pool.give(address);
      throw new Error(`cannot connect the sandbox of Pod ${sandbox.uid} to the Pod network`, {
        cause,
      });
    }
    attached.set(sandbox.uid, { ip: address, link });
    return { ip: address };
  }

  async function detach(uid: string): Promise<void> {
    const known = attached.get(uid);
    if (!known) return;
    await remove(known.link);
    if (attached.delete(uid)) pool.give(known.ip);
  }

  return {
    podCidr,
    nodeAddress: nodeAddress(options.index),
    attach,
    detach,
    async detachAll() {
      await Promise.all([...attached.keys()].map(detach));
    },
  };
}

function gatewayOf(podCidr: string): string {
  return podCidr.replace(/0\/24$/, '1');
}

// The kernel removes a veth pair with the Pod's namespace, at a moment of its own choosing: before
// `ip` looks the name up, or between that and its request.
async function remove(link: string): Promise<void> {
  await ip([`link delete ${link}`]).catch((error: Error) => {
    if (!/Cannot find device|No such device/.test(error.message)) throw error;
  });
}
