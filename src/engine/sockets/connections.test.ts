import { describe, expect, it } from 'vitest';
import { beyondProbes, noConnections, observe, type PeerRules } from './connections.ts';
import type { Connection } from './sockets.ts';

const rules: PeerRules = {
  podAddresses: new Set(['10.244.1.5']),
  ports: new Set([8080]),
  nodeAddresses: new Set(['10.244.1.1']),
  probes: new Map([[8080, { timeoutMs: 1_000, periodsMs: [10_000, 2_000] }]]),
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
    const first = observe(noConnections, [client], rules, 0);
    expect(first.fresh).toEqual([{ connection: client, sinceMs: 0 }]);
    const second = observe(first, [client], rules, 50);
    expect(second.fresh).toEqual([]);
    expect(second.open).toEqual([client]);
    expect(observe(second, [], rules, 100).open).toEqual([]);
  });

  it('ignores other ports, listeners, sidecars, and what is not addressed to the Pod', () => {
    const log = observe(
      noConnections,
      [
        connection('10.0.0.7', 1, { localPort: 9090 }),
        connection('0.0.0.0', 0, { state: 'LISTEN' }),
        connection('10.0.0.7', 2, { state: 'SYN_SENT' }),
        connection('127.0.0.6', 3),
        connection('10.0.0.7', 4, { localAddress: '10.244.1.9' }),
      ],
      rules,
      0,
    );
    expect(log).toEqual(noConnections);
  });

  it('sees a connection that came and went between two looks, but not as open', () => {
    const gone = connection('10.0.0.7', 2, { state: 'TIME_WAIT' });
    const log = observe(noConnections, [gone], rules, 0);
    expect(log.open).toEqual([]);
    expect(log.fresh).toEqual([{ connection: gone, sinceMs: 0 }]);
    expect(observe(log, [gone], rules, 50).fresh).toEqual([]);
  });

  it('sets the probes of the node apart, but not a connection that outlives any probe', () => {
    const masqueraded = connection('10.244.1.1', 50_000);
    let log = noConnections;
    for (const [port, nowMs] of [
      [50_001, 0],
      [50_002, 999],
    ] as const) {
      log = observe(log, [connection('10.244.1.1', port), masqueraded], rules, nowMs);
      expect(log.open).toEqual([]);
      expect(log.undecided.size).toBe(2);
    }
    log = observe(log, [connection('10.244.1.1', 50_003), masqueraded], rules, 1_000);
    expect(log.open).toEqual([masqueraded]);
    expect(log.fresh).toEqual([{ connection: masqueraded, sinceMs: 0 }]);
    const ended = connection('10.244.1.1', 50_004, { state: 'TIME_WAIT' });
    expect(observe(log, [ended], rules, 1_100).fresh).toEqual([]);
  });

  it('counts what comes from the node to a port that nobody probes at once', () => {
    const client = connection('10.244.1.1', 50_000);
    const log = observe(noConnections, [client], { ...rules, probes: new Map() }, 0);
    expect(log.open).toEqual([client]);
  });
});

describe('beyondProbes', () => {
  const visit = (port: number) => connection('10.244.1.1', port, { state: 'TIME_WAIT' });

  it('finds clients behind the node whose connections are as short as a probe', () => {
    let log = observe(noConnections, [visit(1), visit(2), visit(3)], rules, 0);
    const probesOnly = [visit(1), visit(2), visit(3), visit(4), visit(5)];
    log = observe(log, probesOnly, rules, 1_000);
    expect(beyondProbes(log, rules, { sinceMs: 0, nowMs: 1_000 })).toEqual([]);
    // Two probes, of 10 s and of 2 s: at most four and one more in two seconds.
    log = observe(log, [...probesOnly, visit(6), visit(7), visit(8), visit(9)], rules, 2_000);
    const found = beyondProbes(log, rules, { sinceMs: 0, nowMs: 2_000 });
    expect(found.map((sighting) => sighting.connection.remotePort)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(beyondProbes(log, rules, { sinceMs: 2_000, nowMs: 2_500 })).toEqual([]);
  });
});
