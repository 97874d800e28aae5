import { isDeepStrictEqual } from 'node:util';
import type { EndpointAddress, Endpoints, EndpointSubset } from 'kubernetes-types/core/v1.js';

/** One address of Endpoints with all that is said of it: the list of these is what is edited. */
export interface Row {
  readonly addresses: readonly string[];
  readonly address: EndpointAddress;
  readonly ready: boolean;
  readonly ports?: EndpointSubset['ports'];
}

export function rowsOf({ subsets = [] }: Endpoints): readonly Row[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports }) => {
    const row = (address: EndpointAddress, ready: boolean): Row => ({
      addresses: [address.ip],
      address,
      ready,
      ...(ports && { ports }),
    });
    return [
      ...addresses.map((address) => row(address, true)),
      ...notReadyAddresses.map((address) => row(address, false)),
    ];
  });
}

/** Neighbours of the same ports share a subset, as they did before. */
export function subsetsOf(rows: readonly Row[]): readonly EndpointSubset[] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last?.[0] && isDeepStrictEqual(last[0].ports, row.ports)) last.push(row);
    else groups.push([row]);
  }
  return groups.map((group) => {
    const addresses = group.filter(({ ready }) => ready).map(({ address }) => address);
    const notReadyAddresses = group.filter(({ ready }) => !ready).map(({ address }) => address);
    const ports = group[0]?.ports;
    return {
      ...(addresses.length > 0 && { addresses }),
      ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
      ...(ports && { ports }),
    };
  });
}
