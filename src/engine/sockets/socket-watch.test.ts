import { expect, it } from 'vitest';
import { parseGateways } from './socket-watch.ts';

it('reads the default gateway out of /proc/net/route', () => {
  const text = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101F40A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0001F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;
  expect(parseGateways(text)).toEqual(['10.244.1.1']);
  expect(parseGateways('')).toEqual([]);
});
