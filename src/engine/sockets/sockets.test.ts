import { expect, test } from 'vitest';
import { countTables, parseGateways, parseProcNetTcp } from './sockets.ts';

// Lines as a kernel on x86-64 printed them.
const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21305 1 0000000000000000 100 0 0 10 0
   1: 0B01F40A:1F90 0100F40A:D4C2 01 00000000:00000000 00:00000000 00000000     0        0 21306 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:A2B4 0100007F:1F90 06 00000000:00000000 03:00001600 00000000     0        0 0 3 0000000000000000
`;
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 28881 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000B01F40A:1F90 0000000000000000FFFF00000502F40A:9C40 08 00000000:00000000 00:00000000 00000000     0        0 28890 1 0000000000000000 20 4 30 10 -1
   2: 000080FE00000000FF005054E8B6FEFE:0016 B80D0120000000000000000001000000:C350 01 00000000:00000000 00:00000000 00000000     0        0 28891 1 0000000000000000 20 4 30 10 -1
`;

test('reads IPv4 lines: address words little-endian, ports big-endian', () => {
  expect(parseProcNetTcp(tcp)).toEqual([
    socket('0.0.0.0', 8080, '0.0.0.0', 0, 'LISTEN'),
    socket('10.244.1.11', 8080, '10.244.0.1', 54466, 'ESTABLISHED'),
    socket('127.0.0.1', 41652, '127.0.0.1', 8080, 'TIME_WAIT'),
  ]);
});

test('shows v4-mapped connections of a dual-stack listener as IPv4', () => {
  expect(parseProcNetTcp(tcp6)).toEqual([
    socket('::', 8080, '::', 0, 'LISTEN'),
    socket('10.244.1.11', 8080, '10.244.2.5', 40000, 'CLOSE_WAIT'),
    socket('fe80::5450:ff:fefe:b6e8', 22, '2001:db8::1', 50000, 'ESTABLISHED'),
  ]);
});

test('counts the tables of an answer', () => {
  expect([countTables(tcp + tcp6), countTables(tcp6), countTables('cat: out of memory')]).toEqual([
    2, 1, 0,
  ]);
});

test('reads both files one after the other, and skips what is no socket line', () => {
  expect(
    parseProcNetTcp(`${tcp}cat: /proc/net/tcp6: No such file or directory\n${tcp6}`),
  ).toHaveLength(6);
  expect(parseProcNetTcp('')).toEqual([]);
});

test('reads the default gateway out of /proc/net/route, also behind the sockets', () => {
  const route = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101F40A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0001F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;
  expect(parseGateways(route)).toEqual(['10.244.1.1']);
  expect(parseGateways(tcp + tcp6 + route)).toEqual(['10.244.1.1']);
  expect(parseProcNetTcp(tcp + route)).toEqual(parseProcNetTcp(tcp));
  expect(parseGateways('')).toEqual([]);
});

function socket(
  localAddress: string,
  localPort: number,
  remoteAddress: string,
  remotePort: number,
  state: string,
) {
  return { localAddress, localPort, remoteAddress, remotePort, state };
}
