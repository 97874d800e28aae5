import type { Connection } from './sockets.ts';

const shownPeers = 5;

/**
 * Who is connected, the busiest first: `10.0.0.1 (3 connections), 10.0.0.7 and 3 more`. `names` tells
 * what an address is, where that is known.
 */
export function describePeers(
  connections: readonly Connection[],
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const counts = new Map<string, number>();
  for (const { remoteAddress } of connections) {
    counts.set(remoteAddress, (counts.get(remoteAddress) ?? 0) + 1);
  }
  const peers = [...counts]
    .toSorted(([, left], [, right]) => right - left)
    .map(([address, count]) => {
      const name = names.get(address);
      const who = name ? `${name} (${address})` : address;
      return count === 1 ? who : `${who} with ${count}`;
    });
  const shown = peers.slice(0, shownPeers).join(', ');
  return peers.length > shownPeers ? `${shown} and ${peers.length - shownPeers} more` : shown;
}
