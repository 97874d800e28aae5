import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endpointsOfSlice } from './endpoints.ts';
import { createPicker } from './pick.ts';

const endpoints = endpointsOfSlice({
  addressType: 'IPv4',
  ports: [{ port: 80 }],
  endpoints: ['a', 'b', 'c'].map((address) => ({ addresses: [address] })),
}).get('TCP:')!;
const plain = { uid: '1', protocol: 'TCP', portName: '' } as const;
const sticky = { ...plain, affinityTimeoutMs: 10_000 };

test('every endpoint gets its share of the connections', () => {
  const picker = createPicker();
  const counts = new Map<string, number>();
  for (let n = 0; n < 3000; n += 1) {
    const picked = picker.pick({ port: plain, clientAddress: 'x', endpoints });
    counts.set(picked!.address, (counts.get(picked!.address) ?? 0) + 1);
  }
  for (const count of counts.values()) expect(count).toBeGreaterThan(800);
  expect(counts.size).toBe(3);
});

test('nothing is picked from nothing', () => {
  const request = { clientAddress: 'x', endpoints: [] };
  expect(createPicker().pick({ ...request, port: plain })).toBeUndefined();
  expect(createPicker().pick({ ...request, port: sticky })).toBeUndefined();
});

test('with ClientIP affinity a client keeps its endpoint until the timeout or its removal', () => {
  let [clock, chance] = [0, 0];
  const picker = createPicker({ now: () => clock, random: () => chance });
  const pick = (candidates = endpoints, clientAddress = 'x') =>
    picker.pick({ port: sticky, clientAddress, endpoints: candidates })?.address;
  expect(pick()).toBe('a');
  chance = 0.9;
  expect(pick(endpoints, 'y')).toBe('c');
  clock = 9_000;
  expect(pick()).toBe('a');
  clock = 18_000;
  expect(pick()).toBe('a');
  expect(pick(endpoints.slice(1))).toBe('c');
  clock = 40_000;
  chance = 0.5;
  expect(pick()).toBe('b');
});

test('only a present candidate is ever picked', () => {
  const step = fc.record({
    present: fc.subarray([...endpoints]),
    clientAddress: fc.constantFrom('x', 'y'),
    passed: fc.nat(20_000),
  });
  fc.assert(
    fc.property(fc.array(step), fc.boolean(), (steps, affinity) => {
      let clock = 0;
      const picker = createPicker({ now: () => clock });
      for (const { present, clientAddress, passed } of steps) {
        clock += passed;
        const port = affinity ? sticky : plain;
        const picked = picker.pick({ port, clientAddress, endpoints: present });
        expect(picked === undefined ? present.length === 0 : present.includes(picked)).toBe(true);
      }
    }),
  );
});
