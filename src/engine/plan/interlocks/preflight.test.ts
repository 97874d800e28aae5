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
  return findPreflightInterlocks(pod, { container: 'app' }, preflight).map(
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

it('names the nearest that fits in every respect, and what speaks against those that are nearer', () => {
  const packed = { flag: '-- -gz=1', what: 'smaller', pauseMs: 31_000, sizeBytes: gib };
  const large = { flag: '-- -all', what: 'all objects', pauseMs: 5_000, sizeBytes: 20 * gib };
  expect(said({ pauseMs: 43_000, options: [packed, large, threads] })[0]?.split(' | ')[1]).toBe(
    '--diagnostic=jvm-threads: a thread dump stands still for milliseconds; -- -gz=1 would pause 31 s; -- -all would take 20.0 GiB',
  );
});

it("offers a volume of the app's own that has room, and does not take it unasked", () => {
  const data: Room = {
    path: '/data',
    inMemory: false,
    freeBytes: 40 * gib,
    diskBytes: 40 * gib,
    onRequest: true,
  };
  const small = { ...tmp, freeBytes: gib, diskBytes: gib };
  expect(said({ sizeBytes: 6 * gib, rooms: [small, data] })).toEqual([
    "disk: the artifact may take 6.0 GiB (at most 4096 MiB of heap), and only this is free in container app: /tmp 1.0 GiB | --remote-dir=/data: that volume has 40.0 GiB free and is the app's own, so it is not written to unasked",
  ]);
});

it('counts what is written to a tmpfs as memory', () => {
  const ram: Room = { path: '/ram', inMemory: true, freeBytes: 2 * gib, diskBytes: 8 * gib };
  const memory = { limitBytes: 4 * gib, usedBytes: 2 * gib };
  expect(said({ sizeBytes: gib, memoryBytes: gib / 2, rooms: [ram], memory })).toEqual([]);
  expect(said({ sizeBytes: gib, memoryBytes: 1.5 * gib, rooms: [ram], memory })[0]).toContain(
    'memory: it may take 2.5 GiB more memory (at most 4096 MiB of heap, of them 1.0 GiB in /ram, a tmpfs)',
  );
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
