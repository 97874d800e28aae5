import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import { siblingsOf } from './owned-pods.ts';

const controller = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'owner' };

function pod(name: string, born: string, held?: readonly string[]): Pod {
  const record = {
    id: `session-of-${name}`,
    by: 'somebody',
    startedAt: born,
    renewedAt: born,
    leaseSeconds: 60,
    route: 'release',
    phase: 'out',
    labels: {},
    owner: { kind: 'ReplicaSet', name: 'web', uid: 'owner' },
    siblings: held,
    deletionCost: null,
    services: [],
    ports: [],
    container: 'web',
    diagnostic: 'none',
  };
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: born,
      ...(held
        ? { annotations: { 'pitstop.dev/session': JSON.stringify(record) } }
        : { ownerReferences: [{ ...controller, controller: true }] }),
    },
  };
}

it('a Pod that another session holds is a sibling, its replacement is not', () => {
  const pods = [
    pod('sibling', '2026-11-23T10:00:00Z'),
    pod('held', '2026-11-23T10:00:00Z', ['sibling', 'mine']),
    pod('replaced', '2026-11-23T10:01:00Z'),
    pod('scaled-up', '2026-11-23T10:02:00Z'),
  ];
  const names = siblingsOf(pods, 'owner').map(({ metadata }) => metadata?.name);
  expect(new Set(names)).toEqual(new Set(['held', 'scaled-up', 'sibling']));
});

it('a record that cannot be read makes no sibling', () => {
  const garbled: Pod = { metadata: { name: 'x', annotations: { 'pitstop.dev/session': '{' } } };
  expect(siblingsOf([garbled], 'owner')).toEqual([]);
});
