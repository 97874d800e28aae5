import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect, test } from 'vitest';
import { bytesOf } from './quantity.ts';
import { candidatesOf, roomiest } from './rooms.ts';

const gibibyte = 2 ** 30;

test('looks at the container’s own emptyDirs first, then at the usual places', () => {
  const pod: Pod = {
    spec: {
      volumes: [
        { name: 'scratch', emptyDir: { sizeLimit: '2Gi' } },
        { name: 'ram', emptyDir: { medium: 'Memory' } },
        { name: 'config', configMap: { name: 'c' } },
        { name: 'other', emptyDir: {} },
      ],
      containers: [
        {
          name: 'app',
          resources: { limits: { 'ephemeral-storage': '1Gi' } },
          volumeMounts: [
            { name: 'scratch', mountPath: '/scratch/' },
            { name: 'ram', mountPath: '/ram' },
            { name: 'config', mountPath: '/config' },
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
      limit: { name: "ephemeral-storage limits of the Pod's containers", bytes: gibibyte },
    },
    { path: '/ram', inMemory: true },
    { path: '$TMPDIR', inMemory: false, limit: container },
    { path: '/tmp', inMemory: false, limit: container },
    { path: '/var/tmp', inMemory: false, limit: container },
    { path: '/dev/shm', inMemory: true },
  ]);
});

test.each([
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
