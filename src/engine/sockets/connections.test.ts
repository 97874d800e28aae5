import { describe, expect, it } from 'vitest';
import { describePeers, noConnections, observe, type PeerRules } from './connections.ts';
import type { Connection } from './sockets.ts';

const rules: PeerRules = {
  podAddresses: new Set(['10.244.1.5']),
  ports: new Set([8080]),
  nodeAddresses: new Set(['10.244.1.1']),
};

function connection(
  remoteAddress: string,
  remotePort: number,
  over: Partial<Connection> = {},
): Connection {
  return {
    localAddress: '10.244.1.5',
    localPort: 8080,
    remoteAddress,
    remotePort,
    state: 'ESTABLISHED',
    ...over,
  };
}

describe('observe', () => {
  it('counts a connection as fresh once, and as open while it lasts', () => {
    const client = connection('10.0.0.7', 40_000);
    const first = observe(noConnections, [client], rules);
    expect(first.fresh).toEqual([client]);
    const second = observe(first, [client], rules);
    expect(second.fresh).toEqual([]);
    expect(second.open).toEqual([client]);
    expect(observe(second, [], rules).open).toEqual([]);
  });

  it('ignores other ports, other states, sidecars, and what is not addressed to the Pod', () => {
    const log = observe(
      noConnections,
      [
        connection('10.0.0.7', 1, { localPort: 9090 }),
        connection('10.0.0.7', 2, { state: 'TIME_WAIT' }),
        connection('127.0.0.6', 3),
        connection('10.0.0.7', 4, { localAddress: '10.244.1.9' }),
      ],
      rules,
    );
    expect(log.open).toEqual([]);
  });

  it('sets the probes of the node apart, but not a connection from there that stays open', () => {
    const masqueraded = connection('10.244.1.1', 50_000);
    let log = noConnections;
    for (const port of [50_001, 50_002]) {
      log = observe(log, [connection('10.244.1.1', port), masqueraded], rules);
      expect(log.open).toEqual([]);
    }
    log = observe(log, [connection('10.244.1.1', 50_003), masqueraded], rules);
    expect(log.open).toEqual([masqueraded]);
    expect(log.fresh).toEqual([masqueraded]);
  });
});

describe('describePeers', () => {
  it('names five and counts the rest', () => {
    const peers = [1, 2, 3, 4, 5, 6, 7].map((port) => connection('10.0.0.7', port));
    expect(describePeers(peers)).toBe(
      '10.0.0.7:1, 10.0.0.7:2, 10.0.0.7:3, 10.0.0.7:4, 10.0.0.7:5 and 2 more',
    );
  });
});
