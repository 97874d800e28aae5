import { expect, it } from 'vitest';
import { describePeers } from './describe-peers.ts';
import type { Connection } from './sockets.ts';

function from(remoteAddress: string, remotePort = 40_000): Connection {
  return {
    localAddress: '10.244.1.5',
    localPort: 8080,
    remoteAddress,
    remotePort,
    state: 'ESTABLISHED',
  };
}

it('names five peers, the busiest first, and counts the rest', () => {
  const peers = [1, 2, 3, 4, 5, 6, 7].map((last) => from(`10.0.0.${last}`));
  expect(describePeers([...peers, from('10.0.0.7', 40_001)])).toBe(
    '10.0.0.7 with 2, 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4 and 2 more',
  );
});

it('says what a peer is where that is known', () => {
  const names = new Map([['10.0.0.1', 'pod shop/web-1']]);
  expect(describePeers([from('10.0.0.1'), from('10.0.0.2')], names)).toBe(
    'pod shop/web-1 (10.0.0.1), 10.0.0.2',
  );
});
