import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createAddressPool } from './address-pool.ts';
import type { PodNetwork } from './pod-network.ts';

/**
 * Addresses on the machine's own loopback interface, which Linux answers without being asked to:
 * Pods get 127.77.N.3 and up, where N is a number that no other cluster on this machine has.
 */
export async function createLoopbackNetwork(): Promise<PodNetwork> {
  const { block, claim } = await claimBlock();
  const prefix = `127.77.${block}`;
  const pool = createAddressPool(
    Array.from({ length: 252 }, (_, index) => `${prefix}.${index + 3}`),
  );
  const attached = new Map<string, string>();
  return {
    level: 'loopback',
    podCidr: `${prefix}.0/24`,
    nodeAddress: `${prefix}.1`,
    balancerAddress: `${prefix}.2`,
    balancerBind: `${prefix}.2`,
    serviceAddress: loopbackServiceAddress,
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
    async [Symbol.asyncDispose]() {
      claim.close();
      await once(claim, 'close');
    },
  };
}

/** 10.96.0.0/12 answers at 127.96.0.0/12: the same number, where an ordinary user may listen. */
export function loopbackServiceAddress(clusterIP: string): string {
  return clusterIP.replace(/^\d+/, '127');
}

// A listening socket is a claim that cannot outlive its process, however that ends.
const claimPort = 27_077;

async function claimBlock(): Promise<{ readonly block: number; readonly claim: Server }> {
  for (let block = 1; block < 255; block += 1) {
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
