import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import { nextPod, type FleetState } from './next-pod.ts';

const start: FleetState = {
  pods: [pod('b', 2), pod('a', 1), pod('c', 3)],
  over: new Set(),
  running: new Map(),
  maxOut: 1,
  isStopping: false,
  isTired: false,
};

function pod(name: string, age: number, change: { held?: boolean; ready?: boolean } = {}): Pod {
  return {
    metadata: {
      name,
      uid: `uid-${name}`,
      creationTimestamp: `2026-11-23T10:00:0${age}Z`,
      ...(change.held && { annotations: { 'pitstop.dev/session': '{}' } }),
    },
    status: { conditions: [{ type: 'Ready', status: change.ready === false ? 'False' : 'True' }] },
  };
}

function next(change: Partial<FleetState>): string {
  const answer = nextPod({ ...start, ...change });
  return answer.kind === 'start' ? `start ${answer.pod.metadata?.name}` : answer.kind;
}

it('begins with the oldest, and ends when each had its turn', () => {
  expect(next({})).toBe('start a');
  expect(next({ over: new Set(['uid-a']) })).toBe('start b');
  expect(next({ over: new Set(['uid-a', 'uid-b', 'uid-c']) })).toBe('done');
});

it('has no more than maxOut out, sessions of others counted', () => {
  const held = [pod('a', 1, { held: true }), pod('b', 2), pod('c', 3)];
  expect(next({ pods: held })).toBe('wait');
  expect(next({ pods: held, maxOut: 2 })).toBe('start b');
  const mine = { pods: held, running: new Map([['uid-a', 'label' as const]]) };
  expect(next({ ...mine, maxOut: 2 })).toBe('start b');
  expect(next({ ...mine, maxOut: 1 })).toBe('wait');
});

it('passes over what has ended: it stays as the rest of a Job', () => {
  const [old, ...others] = start.pods;
  const done: Pod = { ...old, status: { phase: 'Succeeded' } };
  expect(next({ pods: [done] })).toBe('done');
  expect(next({ pods: [done, ...others], over: new Set(['uid-a', 'uid-c']) })).toBe('done');
});

it('begins nothing beside a release, nor beside a session that is still planning', () => {
  expect(next({ maxOut: 3, running: new Map([['uid-a', 'release' as const]]) })).toBe('wait');
  expect(next({ maxOut: 3, running: new Map([['uid-a', undefined]]) })).toBe('wait');
});

it('lets what is out come back before it ends, and begins nothing more', () => {
  expect(next({ isStopping: true, running: new Map([['uid-a', 'label' as const]]) })).toBe('wait');
  expect(next({ isStopping: true })).toBe('done');
});

it('waits for a Pod that is not Ready, as long as it may', () => {
  const pods = [pod('a', 1, { ready: false })];
  expect(next({ pods })).toBe('wait');
  expect(next({ pods, isTired: true })).toBe('start a');
});
