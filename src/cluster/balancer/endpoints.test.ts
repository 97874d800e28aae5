import fc from 'fast-check';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect, test } from 'vitest';
import { endpointsOfEndpoints, endpointsOfSlices } from './endpoints.ts';

type Conditions = NonNullable<NonNullable<EndpointSlice['endpoints']>[number]['conditions']>;

function slice(endpoints: Record<string, Conditions>, overrides: Partial<EndpointSlice> = {}) {
  return {
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: Object.entries(endpoints).map(([address, conditions]) => ({
      addresses: [address],
      conditions,
    })),
    ...overrides,
  } satisfies EndpointSlice;
}

function addresses(...slices: EndpointSlice[]) {
  return endpointsOfSlices(slices, '').map(({ address }) => address);
}

test('a condition that is not said counts as ready', () => {
  expect(addresses(slice({ a: {}, b: { ready: true }, c: { ready: false } }))).toEqual(['a', 'b']);
});

test('all slices of a Service count, whoever manages them', () => {
  expect(addresses(slice({ a: { ready: true } }), slice({ a: {}, b: {} }))).toEqual(['a', 'b']);
});

test('terminating endpoints that serve stand in only while none is ready', () => {
  const leaving = { ready: false, serving: true, terminating: true };
  expect(addresses(slice({ a: leaving, b: {} }))).toEqual(['b']);
  expect(addresses(slice({ a: leaving, b: { ready: false, serving: true } }))).toEqual(['a']);
  expect(addresses(slice({ a: { ...leaving, serving: false } }))).toEqual([]);
});

test('an address that terminates in one slice and is ready in another is ready', () => {
  const leaving = slice({ a: { ready: false, serving: true, terminating: true } });
  expect(addresses(leaving, slice({ a: {} }))).toEqual(['a']);
  expect(addresses(slice({ a: {} }), leaving)).toEqual(['a']);
});

test('ports are matched by name and protocol', () => {
  const ports = [
    { name: 'web', port: 8080 },
    { name: 'web', port: 53, protocol: 'UDP' },
    { name: 'admin', port: 9090 },
    { name: 'web' },
  ];
  expect(endpointsOfSlices([slice({ a: {} }, { ports })], 'web')).toMatchObject([{ port: 8080 }]);
  expect(endpointsOfSlices([slice({ a: {} }, { addressType: 'IPv6' })], '')).toEqual([]);
});

test('of an Endpoints object, the ready addresses count', () => {
  const endpoints = {
    subsets: [
      { addresses: [{ ip: 'a' }], notReadyAddresses: [{ ip: 'b' }], ports: [{ port: 80 }] },
      { addresses: [{ ip: 'a' }, { ip: 'c' }], ports: [{ port: 80 }, { name: 'x', port: 81 }] },
    ],
  };
  expect(endpointsOfEndpoints(endpoints, '')).toEqual([
    { address: 'a', port: 80 },
    { address: 'c', port: 80 },
  ]);
  expect(endpointsOfEndpoints(undefined, '')).toEqual([]);
});

test('an endpoint is a candidate only if some slice lists it as ready, or as serving its end', () => {
  const condition = fc.record(
    { ready: fc.boolean(), serving: fc.boolean(), terminating: fc.boolean() },
    { requiredKeys: [] },
  );
  const slices = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), condition));
  fc.assert(
    fc.property(slices, (contents) => {
      const listed = contents.flatMap((content) => Object.entries(content));
      for (const address of addresses(...contents.map((content) => slice(content)))) {
        const reasons = listed.filter(([name]) => name === address).map(([, said]) => said);
        expect(
          reasons.some(
            ({ ready = true, serving = true, terminating = false }) =>
              ready || (serving && terminating),
          ),
        ).toBe(true);
      }
    }),
  );
});
