import fc from 'fast-check';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect, test } from 'vitest';
import {
  endpointsOfObject,
  endpointsOfSlice,
  mergeEndpoints,
  portKey,
  usableEndpoints,
} from './endpoints.ts';

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
  const all = mergeEndpoints(slices.map(endpointsOfSlice), portKey('TCP', ''));
  return usableEndpoints(all).map(({ address }) => address);
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
  const listed = endpointsOfSlice(slice({ a: {} }, { ports }));
  const found = [...listed].map(([key, endpoints]) => [key, endpoints.map(({ name }) => name)]);
  expect(found).toEqual([
    ['TCP:web', ['a:8080']],
    ['UDP:web', ['a:53']],
    ['TCP:admin', ['a:9090']],
  ]);
  expect(endpointsOfSlice(slice({ a: {} }, { addressType: 'IPv6' })).size).toBe(0);
});

test('an endpoint says which Pod on which node it is', () => {
  const endpoint = {
    addresses: ['a'],
    nodeName: 'pit-1',
    targetRef: { kind: 'Pod', namespace: 'default', name: 'web-1' },
  };
  const listed = endpointsOfSlice({ ...slice({}), endpoints: [endpoint] });
  expect(listed.get('TCP:')).toMatchObject([{ nodeName: 'pit-1', pod: 'web-1', name: 'a:8080' }]);
});

test('with a node, only its endpoints are usable: the ready ones, else those that serve their end', () => {
  const on = (nodeName: string, address: string, conditions: Conditions) => ({
    addresses: [address],
    nodeName,
    conditions,
  });
  const leaving = { ready: false, serving: true, terminating: true };
  const listed = endpointsOfSlice({
    ...slice({}),
    endpoints: [on('one', 'a', {}), on('one', 'b', leaving), on('two', 'c', leaving)],
  });
  const usable = (nodeName?: string) =>
    usableEndpoints(listed.get('TCP:')!, nodeName).map(({ address }) => address);
  expect(usable()).toEqual(['a']);
  expect(usable('one')).toEqual(['a']);
  expect(usable('two')).toEqual(['c']);
  expect(usable('three')).toEqual([]);
});

test('of an Endpoints object, the ready addresses count', () => {
  const listed = endpointsOfObject({
    subsets: [
      { addresses: [{ ip: 'a' }], notReadyAddresses: [{ ip: 'b' }], ports: [{ port: 80 }] },
      { addresses: [{ ip: 'a' }, { ip: 'c' }], ports: [{ port: 80 }, { name: 'x', port: 81 }] },
    ],
  });
  const merged = mergeEndpoints([listed], portKey('TCP', ''));
  expect(merged.map(({ name }) => name)).toEqual(['a:80', 'c:80']);
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
