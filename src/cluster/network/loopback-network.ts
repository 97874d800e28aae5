import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createAddressPool } from './address-pool.ts';
import type { NodeNetwork, PodNetwork } from './pod-network.ts';

/**
 * Addresses on the machine's own loopback interface, which Linux answers without being asked to:
 * the Pods of a node get 127.77.N.3 and up, where N is a number that no other node of any cluster
 * on this machine has.
 */
export async function createLoopbackNetwork(nodeCount: number): Promise<PodNetwork> {
  await using claims = new AsyncDisposableStack();
  const nodes: NodeNetwork[] = [];
  let block = 0;
  for (let index = 0; index < nodeCount; index += 1) {
    const claimed = await claimBlock(block + 1);
    claims.adopt(claimed.claim, close);
    ({ block } = claimed);
    nodes.push(nodeNetwork(`127.77.${block}`));
  }
  const [first] = nodes;
  const prefix = first?.podCidr.replace(/\.0\/24$/, '');
  const held = claims.move();
  return {
    level: 'loopback',
    nodes,
    apiAddress: `${prefix}.1`,
    // Below 1024 only root may listen.
    dns: { host: `${prefix}.1`, port: 1053 },
    balancerAddress: `${prefix}.2`,
    balancerBind: `${prefix}.2`,
    serviceAddress: loopbackServiceAddress,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function nodeNetwork(prefix: string): NodeNetwork {
  const pool = createAddressPool(
    Array.from({ length: 252 }, (_, index) => `${prefix}.${index + 3}`),
  );
  const attached = new Map<string, string>();
  return {
    podCidr: `${prefix}.0/24`,
    nodeAddress: `${prefix}.1`,
    attach(sandbox) {
      const address = attached.get(sandbox.uid) ?? pool.take();
      attached.set(sandbox.uid, address);
      return Promise.resolve({ ip: address });
    },
    detach(uid) {
      const address = attached.get(uid);
      if (address !== undefined) pool.give(address);
      attached.delete(uid);
      return Promise.resolve();
    },
  };
}

/** 10.96.0.0/12 answers at 127.96.0.0/12: the same number, where an ordinary user may listen. */
export function loopbackServiceAddress(clusterIP: string): string {
  return clusterIP.replace(/^\d+/, '127');
}

// A listening socket is a claim that cannot outlive its process, however that ends.
const claimPort = 27_077;

async function claimBlock(
  from: number,
): Promise<{ readonly block: number; readonly claim: Server }> {
  for (let block = from; block < 255; block += 1) {
    const claim = createServer((socket) => socket.destroy());
    try {
      claim.listen({ host: `127.77.${block}.1`, port: claimPort, exclusive: true });
      await once(claim, 'listening');
      return { block, claim };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error('all 254 address blocks in 127.77.0.0/16 are taken by other clusters: stop some');
}

async function close(claim: Server): Promise<void> {
  claim.close();
  await once(claim, 'close');
}
