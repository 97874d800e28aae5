import type { EndpointSubset } from 'kubernetes-types/core/v1.js';

const MAX_ADDRESSES = 1000;

/**
 * KEP-752: Endpoints hold no more than 1,000 addresses, ready ones first, from each subset its share.
 * Returns the very same array when nothing had to go.
 */
export function truncate(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  const ready = count(subsets, 'addresses');
  const notReady = count(subsets, 'notReadyAddresses');
  if (ready + notReady <= MAX_ADDRESSES) return subsets;
  if (ready >= MAX_ADDRESSES) {
    const withoutNotReady = subsets.map(({ addresses = [], ports = [] }) => ({ addresses, ports }));
    return take(withoutNotReady, 'addresses', { from: ready, to: MAX_ADDRESSES });
  }
  return take(subsets, 'notReadyAddresses', { from: notReady, to: MAX_ADDRESSES - ready });
}

type List = 'addresses' | 'notReadyAddresses';

function take(
  subsets: readonly EndpointSubset[],
  list: List,
  { from, to }: { readonly from: number; readonly to: number },
): EndpointSubset[] {
  let remaining = to;
  return subsets.map(({ [list]: addresses = [], ...subset }) => {
    const share = Math.min(remaining, Math.ceil((addresses.length * to) / from));
    remaining -= share;
    return { ...(share > 0 && { [list]: addresses.slice(0, share) }), ...subset };
  });
}

function count(subsets: readonly EndpointSubset[], list: List): number {
  return subsets.reduce((total, subset) => total + (subset[list]?.length ?? 0), 0);
}
