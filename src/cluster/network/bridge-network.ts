import { writeFile } from 'node:fs/promises';
import { createAddressPool, podAddresses } from './address-pool.ts';
import { ip } from './ip-command.ts';
import type { PodNetwork, PodNetworkOptions } from './pod-network.ts';

// Outside podCidr and the ClusterIPs, so that an address says who is speaking: the kubelet's probes
// come from the node, Service traffic from the balancer, everything else in 10.244 is a Pod.
const nodeAddress = '10.0.0.2';
const balancerAddress = '10.0.0.3';

const settings = {
  ip_forward: '1',
  // Many short connections to few Pods: every port, and again after a second.
  ip_local_port_range: '1024 65535',
  tcp_tw_reuse: '1',
};

/**
 * A bridge with one veth pair a Pod, in the network namespace this process runs in; needs to be root
 * there. Every ClusterIP is a local address of the node, so that the balancer can listen on it.
 */
export async function createBridgeNetwork(options: PodNetworkOptions): Promise<PodNetwork> {
  const pool = createAddressPool(podAddresses(options.podCidr));
  const gateway = options.podCidr.replace(/0\/24$/, '1');
  const attached = new Map<string, { readonly ip: string; readonly link: string }>();
  let links = 0;

  await ip([
    'link set lo up',
    `address add ${nodeAddress}/32 dev lo`,
    `address add ${balancerAddress}/32 dev lo`,
    `route add local ${options.serviceCidr} dev lo`,
    `link add cni0 address ${hardwareAddress(gateway)} type bridge`,
    `address add ${gateway}/24 dev cni0 noprefixroute`,
    'link set cni0 up',
    // The balancer need not bind its connections: a port bound before the connect is looked for
    // among all connections there are or were a minute ago, five times the work at 1000 a second.
    `route add ${options.podCidr} dev cni0 src ${balancerAddress}`,
  ]);
  for (const [name, value] of Object.entries(settings)) {
    await writeFile(`/proc/sys/net/ipv4/${name}`, value);
  }

  async function attach(sandbox: { readonly uid: string; readonly pid: number }) {
    const known = attached.get(sandbox.uid);
    if (known) return { ip: known.ip };
    const address = pool.take();
    const link = `veth${++links}`;
    try {
      await ip([`link add ${link} master cni0 up type veth peer name eth0 netns ${sandbox.pid}`]);
      await ip(
        [
          'link set lo up',
          `address add ${address}/24 dev eth0`,
          'link set eth0 up',
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
    attached.delete(uid);
    await remove(known.link);
    pool.give(known.ip);
  }

  return {
    level: options.level,
    podCidr: options.podCidr,
    nodeAddress,
    balancerAddress,
    serviceAddress: (clusterIP) => clusterIP,
    attach,
    detach,
    async [Symbol.asyncDispose]() {
      await Promise.all([...attached.keys()].map(detach));
      await remove('cni0');
    },
  };
}

/**
 * Without one of its own a bridge takes the lowest address among its ports: a Pod that ends could
 * change it, and the other Pods' answers would go astray until their neighbour entry expires.
 */
function hardwareAddress(ip: string): string {
  const bytes = ip.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return ['0a', '58', ...bytes].join(':');
}

// The kernel removes a veth pair with the Pod's namespace, at a moment of its own choosing.
async function remove(link: string): Promise<void> {
  await ip([`link delete ${link}`]).catch((error: Error) => {
    if (!error.message.includes('Cannot find device')) throw error;
  });
}
