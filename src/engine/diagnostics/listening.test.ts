import { expect, test } from 'vitest';
import { dialAddress, isOnLoopback, parseListening } from './listening.ts';

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:240D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 100 0 0 10 0
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000 100 0 0 10 0
`;
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1770 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4714 1 0000000000000000 100 0 0 10 0
`;

test('listeners, and whose they are', () => {
  expect(parseListening(`${tcp}${tcp6}\u001Eshown\n4712\n4713\n`)).toEqual([
    { address: '127.0.0.1', port: 9229, isOwn: false },
    { address: '0.0.0.0', port: 8080, isOwn: true },
    { address: '::', port: 6000, isOwn: false },
  ]);
});

test('where the files of the process are not shown, nobody knows whose they are', () => {
  expect(parseListening(`${tcp}\u001E`).map(({ isOwn }) => isOwn)).toEqual([undefined, undefined]);
});

test.each([
  ['0.0.0.0', '127.0.0.1', true],
  ['::', '127.0.0.1', true],
  ['127.0.0.2', '127.0.0.2', true],
  ['::1', '[::1]', true],
  ['10.1.2.3', '10.1.2.3', false],
  ['fd00::7', '[fd00::7]', false],
])('%s is dialled as %s', (address, dialled, onLoopback) => {
  expect(dialAddress({ address })).toBe(dialled);
  expect(isOnLoopback({ address })).toBe(onLoopback);
});
