import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import type { Preflight } from '../../diagnostics/preflight.ts';
import type { Room } from '../../container/rooms.ts';
import { findPreflightInterlocks } from './preflight.ts';

const gib = 2 ** 30;
const pod: Pod = {
  metadata: { name: 'web-1' },
  spec: {
    containers: [{ name: 'app', livenessProbe: { httpGet: { path: '/healthz', port: 8080 } } }],
  },
};

const tmp: Room = { path: '/tmp', inMemory: false, freeBytes: 10 * gib, diskBytes: 10 * gib };
const threads = {
  flag: '--diagnostic=jvm-threads',
  what: 'a thread dump stands still for milliseconds',
  pauseMs: 500,
  sizeBytes: 2 ** 20,
};

function said(over: Partial<Preflight>): readonly string[] {
  const preflight: Preflight = {
    basis: 'at most 4096 MiB of heap',
    rooms: [tmp],
    options: [threads],
    ...over,
  };
  return findPreflightInterlocks(pod, 'app', preflight).map(
    ({ name, message, hint }) => `${name}: ${message} | ${hint}`,
  );
}

it('lets what fits go', () => {
  expect(said({ pauseMs: 21_000, sizeBytes: 10 * gib, memoryBytes: 1 })).toEqual([]);
});

it('refuses a pause that outlasts the probes, and names what would not', () => {
  const hint = '--diagnostic=jvm-threads: a thread dump stands still for milliseconds';
  expect(said({ pauseMs: 43_000 })).toEqual([
    `liveness-budget: container app may stand still for 43 s (at most 4096 MiB of heap); after 21 s its livenessProbe (GET /healthz every 10 s, 1 s timeout, 3 failures) would have it restarted, and killed 30 s later | ${hint}`,
  ]);
  expect(said({ pauseMs: 43_000, options: [] })[0]).toContain('a larger failureThreshold');
});

it.each<[string, Partial<Preflight>, string]>([
  [
    'nothing is writable',
    { rooms: [] },
    'disk: container app can write nowhere (a read-only root file system, and no emptyDir)',
  ],
  [
    'the disk is too small',
    { rooms: [{ ...tmp, freeBytes: gib, diskBytes: gib }] },
    'disk: the artifact may take 6.0 GiB (at most 4096 MiB of heap), and only this is free in container app: /tmp 1.0 GiB',
  ],
  [
    'the kubelet would evict the Pod',
    {
      rooms: [
        {
          ...tmp,
          freeBytes: gib,
          limit: { name: 'sizeLimit of emptyDir scratch', leftBytes: gib },
        },
      ],
    },
    'ephemeral-storage: the artifact may take 6.0 GiB (at most 4096 MiB of heap), and in /tmp the sizeLimit of emptyDir scratch leaves 1.0 GiB: beyond it the kubelet evicts the Pod',
  ],
  [
    'only memory has room, and the limit has not',
    {
      rooms: [
        { ...tmp, freeBytes: gib, diskBytes: gib },
        { path: '/dev/shm', inMemory: true, freeBytes: 2 * gib, diskBytes: 16 * gib },
      ],
      memory: { limitBytes: 8 * gib, usedBytes: 6 * gib },
    },
    'memory: the artifact may take 6.0 GiB (at most 4096 MiB of heap), and has room only in memory (/dev/shm 2.0 GiB), of which the limit of container app leaves 2.0 GiB of 8.0 GiB',
  ],
])('refuses an artifact when %s', (_, over, message) => {
  const [first, ...rest] = said({ sizeBytes: 6 * gib, ...over });
  expect(first?.split(' | ')[0]).toBe(message);
  expect(rest).toEqual([]);
});

it('refuses what the memory limit would not survive', () => {
  const memory = { limitBytes: 2 * gib, usedBytes: 1.5 * gib };
  expect(said({ memoryBytes: gib, memory })[0]).toContain(
    'memory: it may take 1.0 GiB more memory (at most 4096 MiB of heap), and the limit of container app leaves 512.0 MiB of 2.0 GiB',
  );
  expect(said({ memoryBytes: gib / 4, memory })).toEqual([]);
  expect(said({ memoryBytes: 99 * gib })).toEqual([]);
});
