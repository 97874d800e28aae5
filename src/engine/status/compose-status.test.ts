import type { Pod, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { expect, it } from 'vitest';
import { encodeEntryRecord } from '../session/entry-record.ts';
import { encodeRecord, type UndoRecord } from '../session/record.ts';
import { encodeServiceRecord } from '../session/service-record.ts';
import { composeStatus } from './compose-status.ts';
import { narrowStatus } from './narrow-status.ts';
import type { StatusObjects } from './records.ts';
import type { StatusReport } from './report.ts';

const namespace = 'shop';
const startedAt = '2026-11-23T10:00:00.000Z';
const nowMs = Date.parse('2026-11-23T10:00:30.000Z');
const annotation = 'pitstop.dev/session';

const record: UndoRecord = {
  id: 'aaaaaaaa',
  by: 'admin (me@laptop)',
  startedAt,
  renewedAt: startedAt,
  leaseSeconds: 60,
  route: 'label',
  phase: 'out',
  labels: { traffic: 'on' },
  deletionCost: null,
  services: ['web'],
  ports: [8080],
  container: 'web',
  diagnostic: 'jvm-heap',
};
const shared = (id: string, pod: string) => ({
  id,
  pod,
  podUid: `uid-${pod}`,
  by: 'admin (me@laptop)',
  startedAt,
});

function pod(name: string, text?: string): Pod {
  return {
    metadata: {
      namespace,
      name,
      uid: `uid-${name}`,
      ...(text !== undefined && { annotations: { [annotation]: text } }),
    },
  };
}

function service(name: string, text?: string): Service {
  return {
    metadata: {
      namespace,
      name,
      ...(text !== undefined && { annotations: { [annotation]: text } }),
    },
    spec: text === undefined ? { selector: { app: name } } : {},
  };
}

function slice(of: string, pods: readonly string[], text?: string): EndpointSlice {
  return {
    addressType: 'IPv4',
    metadata: {
      namespace,
      name: `${of}-x7k`,
      labels: { 'kubernetes.io/service-name': of },
      ...(text !== undefined && { annotations: { [annotation]: text } }),
    },
    endpoints: pods.map((name, at) => ({
      addresses: [`10.0.0.${at + 1}`],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name, namespace },
    })),
  };
}

function compose(objects: Partial<StatusObjects>, atMs = nowMs): StatusReport {
  const all = { services: [], slices: [], endpoints: [], pods: [], ...objects };
  return composeStatus(all, { namespace, nowMs: atMs });
}

it('tells what each slice lists, and of whom nothing is left but the name', () => {
  const { services } = compose({
    services: [service('web')],
    slices: [slice('web', ['web-1', 'web-2'])],
    pods: [pod('web-1')],
  });
  expect(services).toMatchObject([
    {
      name: 'web',
      selector: { app: 'web' },
      slices: [{ name: 'web-x7k', managedBy: '' }],
      endpoints: [
        { pod: 'web-1', ready: true },
        { pod: 'web-2', podGone: true },
      ],
    },
  ]);
});

it('gathers one session from all that carries something of it', () => {
  const { sessions, services } = compose({
    services: [
      service(
        'web',
        encodeServiceRecord({ selector: { app: 'web' }, sessions: [shared('aaaaaaaa', 'web-1')] }),
      ),
    ],
    slices: [
      slice(
        'other',
        [],
        encodeEntryRecord({ sessions: [{ ...shared('aaaaaaaa', 'web-1'), removed: [] }] }),
      ),
    ],
    pods: [pod('web-1', encodeRecord({ ...record, route: 'selector' }))],
  });
  expect(sessions).toMatchObject([
    {
      pod: 'web-1',
      route: 'selector',
      diagnostic: 'jvm-heap',
      overdue: false,
      stale: false,
      records: ['pod/web-1', 'service/web', 'endpointslice/other-x7k'],
      problems: [],
    },
  ]);
  expect(services[0]).toMatchObject({ selector: { app: 'web' }, heldBy: ['aaaaaaaa'] });
});

it('tells of a session whose Pod is gone, or carries no record of it', () => {
  const held = encodeServiceRecord({
    selector: { app: 'web' },
    sessions: [shared('bbbbbbbb', 'web-0'), shared('cccccccc', 'web-1')],
  });
  const { sessions } = compose({ services: [service('web', held)], pods: [pod('web-1')] });
  expect(sessions).toMatchObject([
    {
      pod: 'web-0',
      overdue: true,
      services: ['web'],
      problems: ['pod web-0 is gone; restore puts right what the session left on service/web'],
    },
    { pod: 'web-1', problems: [expect.stringContaining('carries no record of it any more')] },
  ]);
});

it('tells of a record whose Service is gone, or was put back by somebody', () => {
  const text = encodeRecord({
    ...record,
    route: 'selector',
    services: ['web', 'api'],
    selectors: { web: { app: 'web' }, api: { app: 'web' } },
  });
  const { sessions } = compose({ services: [service('web')], pods: [pod('web-1', text)] });
  expect(sessions[0]?.problems).toEqual([
    'service/api, which the Pod was taken out of, is gone',
    'service/web carries no record of it: somebody has put it back',
  ]);
});

it('a record that cannot be read is a problem, and hides no other', () => {
  const { sessions, problems } = compose({
    pods: [pod('odd', '{}'), pod('web-1', encodeRecord(record))],
  });
  expect(sessions).toHaveLength(1);
  expect(problems).toEqual([expect.stringMatching(/of pod shop\/odd cannot be read/)]);
});

it('a session that has not renewed its record for a lease is stale; one with a deadline is overdue', () => {
  const later = nowMs + 60_000;
  const of = (change: Partial<UndoRecord>, atMs: number) =>
    compose({ pods: [pod('web-1', encodeRecord({ ...record, ...change }))] }, atMs).sessions[0];
  expect(of({}, later)).toMatchObject({ stale: true, overdue: false });
  const deadline = '2026-11-23T10:01:00.000Z';
  expect(of({ deadline }, nowMs)).toMatchObject({ stale: false, overdue: false });
  expect(of({ deadline }, later)).toMatchObject({ stale: false, overdue: true });
});

it('narrowed to Pods: their sessions, and the Services that list them or have lost them', () => {
  const report = compose({
    services: [service('api'), service('other'), service('web')],
    slices: [slice('api', ['web-1']), slice('other', ['web-2'])],
    pods: [pod('web-1', encodeRecord(record)), pod('web-2')],
  });
  const names = (narrowed: StatusReport) => narrowed.services.map(({ name }) => name);
  expect(names(narrowStatus(report, { pods: new Set(['web-1']) }))).toEqual(['api', 'web']);
  expect(names(narrowStatus(report, { pods: new Set(['web-2']) }))).toEqual(['other']);
  const one = narrowStatus(report, { service: 'web' });
  expect([names(one), one.sessions.length]).toEqual([['web'], 1]);
});
