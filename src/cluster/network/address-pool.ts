/** Hands out addresses; one given back is the last to be handed out again. */
export interface AddressPool {
  take(): string;
  give(address: string): void;
}

/** The usable Pod addresses of a node's /24: everything but network, gateway (`.1`) and broadcast. */
export function podAddresses(podCidr: string): readonly string[] {
  const prefix = /^(\d+\.\d+\.\d+)\.0\/24$/.exec(podCidr)?.[1];
  if (prefix === undefined) {
    throw new Error(`pod CIDR ${podCidr} is not supported: give a /24 such as 10.244.1.0/24`);
  }
  return Array.from({ length: 253 }, (_, index) => `${prefix}.${index + 2}`);
}

// First in, first out: clients, conntrack tables and people still remember an address for a while
// after its Pod has gone, so every other address is used before it comes back.
export function createAddressPool(addresses: readonly string[]): AddressPool {
  const free = [...addresses];
  const taken = new Set<string>();
  return {
    take() {
      const address = free.shift();
      if (address === undefined) {
        throw new Error(
          `no Pod address left: all ${addresses.length} are in use; delete some Pods first`,
        );
      }
      taken.add(address);
      return address;
    },
    give(address) {
      if (taken.delete(address)) free.push(address);
    },
  };
}
