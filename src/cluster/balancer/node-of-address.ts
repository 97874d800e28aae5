import { BlockList } from 'node:net';
import type { Node } from 'kubernetes-types/core/v1.js';
import type { Api } from '../api.ts';

/** Tells on which Node an address is: one of its Pods', or its own. */
export interface NodeOfAddress extends Disposable {
  (address: string): string | undefined;
}

export function followNodes(api: Api): NodeOfAddress {
  const nodes = new Map<string, BlockList>();
  const watch = api.watch<Node>('nodes', ({ type, object }) => {
    const name = object.metadata?.name ?? '';
    if (type === 'DELETED') nodes.delete(name);
    else nodes.set(name, addressesOf(object));
  });
  const nodeOf = (address: string) => {
    for (const [name, addresses] of nodes) if (addresses.check(address)) return name;
    return undefined;
  };
  return Object.assign(nodeOf, { [Symbol.dispose]: () => watch[Symbol.dispose]() });
}

function addressesOf({ spec, status }: Node): BlockList {
  const list = new BlockList();
  for (const cidr of spec?.podCIDRs ?? []) {
    const [network = '', bits] = cidr.split('/');
    if (!network.includes(':')) list.addSubnet(network, Number(bits));
  }
  for (const { type, address } of status?.addresses ?? []) {
    if (type === 'InternalIP' && !address.includes(':')) list.addAddress(address);
  }
  return list;
}
