import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAddressPool, podAddresses } from './address-pool.ts';

test('a /24 gives 253 addresses, without network, gateway and broadcast', () => {
  const addresses = podAddresses('10.244.1.0/24');
  expect(addresses).toHaveLength(253);
  expect([addresses[0], addresses.at(-1)]).toEqual(['10.244.1.2', '10.244.1.254']);
  expect(() => podAddresses('10.244.0.0/16')).toThrow('is not supported');
});

test('an address given back is used again only after all others', () => {
  const pool = createAddressPool(['a', 'b', 'c']);
  expect([pool.take(), pool.take()]).toEqual(['a', 'b']);
  pool.give('a');
  pool.give('a');
  expect([pool.take(), pool.take()]).toEqual(['c', 'a']);
  expect(() => pool.take()).toThrow('no Pod address left: all 3 are in use');
});

test('no address is handed out twice at a time', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (takes) => {
      const pool = createAddressPool(['a', 'b', 'c', 'd']);
      const held: string[] = [];
      for (const take of takes) {
        if (take && held.length < 4) held.push(pool.take());
        else if (held.length > 0) pool.give(held.shift()!);
        expect(new Set(held).size).toBe(held.length);
      }
    }),
  );
});
