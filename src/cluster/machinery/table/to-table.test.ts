import { describe, expect, test } from 'vitest';

import { recorded } from '../../../../test/support/recorded.ts';
import { humanDuration } from './human-duration.ts';
import { printingOf, type Table, toTable } from './to-table.ts';

interface RecordedList {
  readonly items: readonly { readonly metadata: { readonly creationTimestamp: string } }[];
}

const now = new Date('2026-11-23T01:39:52Z');

const columns =
  recorded<Record<string, readonly { readonly name: string }[]>>('table-columns.json');

describe('columns', () => {
  const known = Object.keys(columns).filter((key) => {
    const { group, plural } = resourceOf(key);
    const table = toTable(printed(group, plural), [], { includeObject: 'None', now });
    return table.columnDefinitions[1]?.name !== 'Created At';
  });

  test('are known for every kind that has a printer', () => {
    expect(known.length).toBeGreaterThan(30);
  });

  test.each(known)('of %s are the recorded ones', (key) => {
    const table = toTable(printed(resourceOf(key).group, resourceOf(key).plural), [], {
      includeObject: 'None',
      now,
    });
    expect(table.columnDefinitions).toMatchObject(columns[key] ?? []);
  });
});

describe('cells of recorded objects', () => {
  test.each([
    ['', 'pods'],
    ['', 'services'],
    ['', 'endpoints'],
    ['', 'nodes'],
    ['', 'events'],
    ['apps', 'deployments'],
    ['apps', 'replicasets'],
    ['discovery.k8s.io', 'endpointslices'],
  ])('%s/%s are the recorded ones, ages aside', (group, plural) => {
    const { items } = recorded<RecordedList>(`objects/${plural}.json`);
    const expected = recorded<Table>(`tables/${plural}.json`);
    const table = toTable(printed(group, plural), items, { includeObject: 'None', now });
    expect(table.rows.map(withoutAges)).toEqual(
      expected.rows.map(withoutAges).slice(0, items.length),
    );
  });
});

describe('STATUS of a Pod', () => {
  const running = { name: 'c', ready: true, restartCount: 0, state: { running: {} } };
  const crashing = {
    name: 'c',
    ready: false,
    restartCount: 3,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 1, finishedAt: '2026-11-23T01:39:22Z' } },
  };
  const spec = { containers: [{ name: 'c' }] };

  test.each([
    ['running', { phase: 'Running', containerStatuses: [running] }, '1/1 Running 0'],
    [
      'crash loop',
      { phase: 'Running', containerStatuses: [crashing] },
      '0/1 CrashLoopBackOff 3 (30s ago)',
    ],
    [
      'completed',
      {
        phase: 'Succeeded',
        containerStatuses: [
          { ...running, ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        ],
      },
      '0/1 Completed 0',
    ],
    [
      'killed by a signal',
      {
        phase: 'Failed',
        containerStatuses: [
          { ...running, ready: false, state: { terminated: { exitCode: 137, signal: 9 } } },
        ],
      },
      '0/1 Signal:9 0',
    ],
    ['evicted', { phase: 'Failed', reason: 'Evicted' }, '0/1 Evicted 0'],
    ['pending', { phase: 'Pending' }, '0/1 Pending 0'],
  ])('%s', (_, status, expected) => {
    expect(statusOf({ metadata: { name: 'p' }, spec, status })).toBe(expected);
  });

  test('is Terminating while a deletion is under way', () => {
    const metadata = { name: 'p', deletionTimestamp: '2026-11-23T01:39:52Z' };
    const status = { phase: 'Running', containerStatuses: [running] };
    expect(statusOf({ metadata, spec, status })).toBe('1/1 Terminating 0');
  });

  test('counts init containers that are through', () => {
    const status = {
      phase: 'Pending',
      initContainerStatuses: [
        { name: 'a', restartCount: 0, state: { terminated: { exitCode: 0 } } },
        { name: 'b', restartCount: 2, state: { running: {} } },
      ],
      containerStatuses: [
        { ...running, ready: false, state: { waiting: { reason: 'PodInitializing' } } },
      ],
    };
    const withInit = { ...spec, initContainers: [{ name: 'a' }, { name: 'b' }] };
    expect(statusOf({ metadata: { name: 'p' }, spec: withInit, status })).toBe('0/1 Init:1/2 2');
  });

  test('counts a sidecar as a container', () => {
    const status = {
      phase: 'Running',
      conditions: [{ type: 'Initialized', status: 'True' }],
      initContainerStatuses: [{ ...running, name: 'a', started: true, restartCount: 1 }],
      containerStatuses: [running],
    };
    const withSidecar = { ...spec, initContainers: [{ name: 'a', restartPolicy: 'Always' }] };
    expect(statusOf({ metadata: { name: 'p' }, spec: withSidecar, status })).toBe('2/2 Running 1');
  });

  function statusOf(pod: object): string {
    const table = toTable(printed('', 'pods'), [pod], {
      includeObject: 'None',
      now,
    });
    return (table.rows[0]?.cells ?? []).slice(1, 4).join(' ');
  }
});

test('endpoints beyond the third are counted', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'].map((ip) => ({ ip }));
  const endpoints = {
    metadata: { name: 'e' },
    subsets: [{ addresses, ports: [{ port: 80 }, { port: 81 }] }],
  };
  const table = toTable(printed('', 'endpoints'), [endpoints], {
    includeObject: 'Metadata',
    now,
  });
  expect(table.rows[0]?.cells[1]).toBe('10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 5 more...');
  expect(table.rows[0]?.object).toEqual({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { name: 'e' },
  });
});

test.each([
  [-5, '<invalid>'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [123, '2m3s'],
  [601, '10m'],
  [3 * 3600, '3h'],
  [3 * 3600 + 60, '3h1m'],
  [47 * 3600, '47h'],
  [50 * 3600, '2d2h'],
  [10 * 86_400, '10d'],
  [3 * 365 * 86_400 + 86_400, '3y1d'],
  [9 * 365 * 86_400, '9y'],
])('%i seconds are shown as %s', (seconds, expected) => {
  expect(humanDuration(seconds * 1000)).toBe(expected);
});

function withoutAges({ cells }: { readonly cells: readonly unknown[] }): unknown[] {
  return cells.map((cell) => (/^\d+[smhd](\d+[smh])?$/.test(String(cell)) ? 'AGE' : cell));
}

function resourceOf(key: string): { group: string; plural: string } {
  const [group = '', , plural = ''] = key.split('/');
  return { group: group === 'core' ? '' : group, plural };
}

function printed(group: string, plural: string) {
  return { plural, ...printingOf(group, plural) };
}
