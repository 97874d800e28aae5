import type { Pod } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect, it } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import { checkStillServed } from './still-served.ts';

const pod: Pod = { metadata: { name: 'web-1', uid: 'u1' }, status: { podIP: '10.244.1.5' } };

/** Only what the check looks at. */
function plan(readyEndpoints: number, readyOthers: number): Plan {
  return {
    metadata: { name: 'web-1', namespace: 'shop' },
    status: { services: [{ name: 'web', readyEndpoints, readyOthers }] },
  } as unknown as Plan;
}

function slices(...conditions: readonly { ready: boolean; serving?: boolean }[]) {
  const slice: EndpointSlice = {
    metadata: { name: 'web-a', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: conditions.map((each, at) => ({
      addresses: [`10.244.1.${6 + at}`],
      conditions: each,
    })),
  };
  return [slice];
}

it('throws when nobody is left who was counted on', () => {
  const left = { pod, slices: slices({ ready: false }) };
  expect(() => checkStillServed(plan(2, 1), {}, left)).toThrow(
    'service/web has 0 other ready endpoints left, and 1 must remain: somebody else has taken one out, or lost it, since pod shop/web-1 was looked at',
  );
  const percent = { minReady: { percent: 50 } };
  expect(() =>
    checkStillServed(plan(4, 3), percent, { pod, slices: slices({ ready: true }) }),
  ).toThrow('1 other ready endpoint left, and 2 must remain');
});

it.each([
  ['somebody is left', plan(2, 1), {}, slices({ ready: true })],
  ['that was overridden', plan(1, 0), { overrides: ['last-endpoint'] as const }, slices()],
  ['the Pod carried nothing there', plan(0, 0), {}, slices()],
  ['the Service is gone', plan(2, 1), {}, []],
])('says nothing when %s', (_, of, request, all) => {
  expect(() => checkStillServed(of, request, { pod, slices: all })).not.toThrow();
});
