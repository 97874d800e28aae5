import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, test } from 'vitest';
import { bytesOf } from './quantity.ts';
import { candidatesOf, parseRooms, roomiest } from './rooms.ts';

const gibibyte = 2 ** 30;

test('looks at the container’s own emptyDirs first, then at the usual places', () => {
  const pod: Pod = {
    spec: {
      volumes: [
        { name: 'scratch', emptyDir: { sizeLimit: '2Gi' } },
        { name: 'ram', emptyDir: { medium: 'Memory' } },
        { name: 'config', configMap: { name: 'c' } },
        { name: 'other', emptyDir: {} },
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      ],
      containers: [
        {
          name: 'app',
          resources: { limits: { 'ephemeral-storage': '1Gi' } },
          volumeMounts: [
            { name: 'scratch', mountPath: '/scratch/' },
            { name: 'ram', mountPath: '/ram' },
            { name: 'config', mountPath: '/config' },
            { name: 'data', mountPath: '/data' },
            { name: 'other', mountPath: '/read-only', readOnly: true },
          ],
        },
      ],
    },
  };
  const container = { name: 'ephemeral-storage limit of container app', bytes: gibibyte };
  expect(candidatesOf(pod, 'app')).toEqual([
    // On disk it counts towards the Pod's limit, which is smaller than its own.
    {
      path: '/scratch',
      inMemory: false,
      isVolume: true,
      limit: { name: "ephemeral-storage limits of the Pod's containers", bytes: gibibyte },
    },
    { path: '/ram', inMemory: true, isVolume: true },
    { path: '/data', inMemory: false, isVolume: true, onRequest: true },
    { path: '$TMPDIR', inMemory: false, limit: container },
    { path: '/tmp', inMemory: false, limit: container },
    { path: '/var/tmp', inMemory: false, limit: container },
    { path: '/dev/shm', inMemory: true },
  ]);
});

test.each([
  ['/data/dumps/', { path: '/data/dumps', inMemory: false, isVolume: true }],
  ['/ram', { path: '/ram', inMemory: true, isVolume: true }],
  ['/var/log', { path: '/var/log', inMemory: false }],
])('looks only where it is told to: %s', (only, expected) => {
  const pod: Pod = {
    spec: {
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'ram', emptyDir: { medium: 'Memory' } },
      ],
      containers: [
        {
          name: 'app',
          volumeMounts: [
            { name: 'data', mountPath: '/data' },
            { name: 'ram', mountPath: '/ram' },
          ],
        },
      ],
    },
  };
  expect(candidatesOf(pod, 'app', only)).toEqual([expected]);
});

const df = (name: string, size: number, free: number) =>
  `Filesystem 1024-blocks Used Available Capacity Mounted on\n${name} ${size * 2 ** 20} 0 ${free * 2 ** 20} 0% /x\n`;
const record = (path: string, text: string, usedKib = '') =>
  [path, path, text, usedKib].join('\u001F');

test.each<[string, Parameters<typeof parseRooms>[0][0], object]>([
  [
    'keeps clear of the share at which the kubelet evicts',
    record('/tmp', df('overlay', 100, 20)),
    { freeBytes: 5 * gibibyte, diskBytes: 20 * gibibyte, limit: { leftBytes: 5 * gibibyte } },
  ],
  [
    'where that share is reached already, only the disk counts',
    record('/tmp', df('overlay', 100, 10)),
    { freeBytes: 10 * gibibyte },
  ],
  [
    'subtracts what is in an emptyDir from its limit',
    record('/scratch', df('/dev/vda', 100, 90), String(2 ** 20)),
    { freeBytes: gibibyte, limit: { name: 'sizeLimit', leftBytes: gibibyte } },
  ],
  [
    'a tmpfs is memory, of which the limit leaves so much',
    record('/tmp', df('tmpfs', 8, 8)),
    { inMemory: true, freeBytes: gibibyte, diskBytes: 8 * gibibyte },
  ],
  [
    'where df tells only what is free, that counts',
    record('/tmp', `- - - ${2 ** 20}`),
    { freeBytes: gibibyte },
  ],
  ['where df tells nothing, nothing is known', record('/tmp', ''), { freeBytes: undefined }],
])('%s', (_, text, expected) => {
  const candidates = [
    { path: '/tmp', inMemory: false },
    { path: '/scratch', inMemory: false, limit: { name: 'sizeLimit', bytes: 2 * gibibyte } },
  ];
  const memory = { limitBytes: 3 * gibibyte, usedBytes: 2 * gibibyte };
  expect(parseRooms([text], candidates, memory)).toMatchObject([expected]);
});

test('a volume outlives a restart: it is preferred where it has enough room', () => {
  const tmp = { path: '/tmp', inMemory: false, freeBytes: 10 * gibibyte };
  const volume = (gibibytes: number) => ({
    path: '/scratch',
    inMemory: false,
    isVolume: true,
    freeBytes: gibibytes * gibibyte,
  });
  expect(roomiest([tmp, volume(2)], gibibyte)?.path).toBe('/scratch');
  expect(roomiest([tmp, volume(2)], 3 * gibibyte)?.path).toBe('/tmp');
  expect(roomiest([tmp, volume(2)])?.path).toBe('/tmp');
  expect(roomiest([tmp, volume(6)])?.path).toBe('/scratch');
  expect(roomiest([tmp, { ...volume(99), onRequest: true }])?.path).toBe('/tmp');
});

test.each([
  [
    'the first of two on one file system, which somebody writes to meanwhile',
    [
      ['/a', 3],
      ['/b', 3.001],
    ],
    1,
    '/a',
  ],
  [
    'the roomiest',
    [
      ['/a', 1],
      ['/b', 2],
    ],
    0,
    '/b',
  ],
  [
    'the first of equals',
    [
      ['/a', 2],
      ['/b', 2],
    ],
    0,
    '/a',
  ],
  [
    'disk before memory',
    [
      ['/a', 1],
      ['memory', 5],
    ],
    0,
    '/a',
  ],
  [
    'memory when disk is too small',
    [
      ['/a', 1],
      ['memory', 5],
    ],
    3,
    'memory',
  ],
  ['nothing when nothing is large enough', [['/a', 1]], 3, undefined],
] as const)('chooses %s', (_, rooms, needed, expected) => {
  const all = rooms.map(([path, gibibytes]) => ({
    path,
    inMemory: path === 'memory',
    limitBytes: undefined,
    freeBytes: gibibytes * gibibyte,
  }));
  expect(roomiest(all, needed * gibibyte)?.path).toBe(expected);
});

test.each([
  ['500Mi', 500 * 2 ** 20],
  ['1.5G', 1.5e9],
  ['1e9', 1e9],
  ['2048', 2048],
  ['1Ki', 1024],
  ['nonsense', undefined],
  ['5Xi', undefined],
])('reads the quantity %s', (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
});
