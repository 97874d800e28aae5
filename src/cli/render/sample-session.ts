import { reduce, type Plan, type Session, type SessionEvent } from '../../engine/index.ts';

/** A session as the note's example would give it, event by event; data for the tests of renderings. */
export const samplePlan: Plan = {
  apiVersion: 'pitstop.dev/v1alpha1',
  kind: 'Plan',
  metadata: { name: 'my-api-deploy-59b79c4795-q8l6p', namespace: 'my-namespace' },
  spec: { pod: 'my-api-deploy-59b79c4795-q8l6p', podUid: 'uid-1', container: 'my-api' },
  status: {
    services: [
      {
        name: 'my-svc',
        type: 'ClusterIP',
        headless: false,
        selector: { app: 'my-api' },
        publishNotReadyAddresses: false,
        ports: [{ name: 'http', port: 80, targetPort: 8080 }],
        slices: ['my-svc-l7jjv'],
        managedBy: ['endpointslice-controller.k8s.io'],
        readyEndpoints: 2,
        readyOthers: 1,
        leavesBy: [{ by: 'release', how: 'without label app' }],
      },
    ],
    owner: { kind: 'deployment', name: 'my-api-deploy', desiredReplicas: 2 },
    route: {
      name: 'release',
      reasons: [
        'without app the Pod leaves service/my-svc, and deployment/my-api-deploy lets go of it',
      ],
      rejected: [
        {
          name: 'label',
          reason:
            'service/my-svc selects only on labels by which deployment/my-api-deploy holds the Pod',
        },
      ],
    },
    labels: { app: null },
    entries: [],
    ifCrashed:
      'the Pod stays out, and one more runs in its place: the Services are at full strength',
    interlocks: [],
    warnings: [],
    diagnostic: 'jvm-heap',
  },
};

const session: Session = {
  apiVersion: 'pitstop.dev/v1alpha1',
  kind: 'Session',
  metadata: {
    name: 'q8l6p-7f3a',
    namespace: 'my-namespace',
    creationTimestamp: '2026-11-23T10:00:00.000Z',
  },
  spec: {
    pod: 'my-api-deploy-59b79c4795-q8l6p',
    podUid: 'uid-1',
    container: 'my-api',
    route: 'release',
    diagnostic: 'jvm-heap',
  },
  status: {
    phase: 'Planned',
    podOut: false,
    steps: (['isolate', 'drain', 'diagnose', 'collect', 'restore'] as const).map((name) => ({
      name,
      state: 'pending',
    })),
    route: samplePlan.status.route,
    warnings: [],
  },
};

const at = (ms: number): string => new Date(Date.UTC(2026, 10, 23, 10, 0, 0, ms)).toISOString();
const isolation = { services: ['my-svc'], slices: ['my-svc-l7jjv'] };

export const sampleEvents: readonly SessionEvent[] = [
  { type: 'session-started', at: at(0), session, plan: samplePlan },
  { type: 'step-started', at: at(0), step: 'isolate' },
  { type: 'pod-out', at: at(30) },
  { type: 'step-finished', at: at(120), step: 'isolate', message: 'my-svc lists it no more' },
  { type: 'step-started', at: at(120), step: 'drain' },
  { type: 'step-progress', at: at(600), step: 'drain', message: '3 connections open' },
  { type: 'step-finished', at: at(2400), step: 'drain', message: 'no connection left, none came' },
  {
    type: 'isolation',
    at: at(2400),
    isolation: {
      ...isolation,
      provenAt: at(2400),
      connections: { atStart: 5, atProof: 0, newSince: 0 },
    },
  },
  { type: 'step-started', at: at(2400), step: 'diagnose' },
  { type: 'step-finished', at: at(4000), step: 'diagnose', message: 'jcmd wrote 223.9 MiB' },
  {
    type: 'diagnostic',
    at: at(4000),
    diagnostic: { name: 'jvm-heap', tool: 'jcmd', pid: 1, exitCode: 0, durationMs: 1600 },
  },
  { type: 'step-started', at: at(4000), step: 'collect' },
  {
    type: 'step-progress',
    at: at(4100),
    step: 'collect',
    message: 'heap.hprof',
    doneBytes: 10_485_760,
    totalBytes: 234_866_687,
  },
  {
    type: 'step-progress',
    at: at(4600),
    step: 'collect',
    message: 'heap.hprof',
    doneBytes: 94_371_840,
    totalBytes: 234_866_687,
  },
  {
    type: 'artifact',
    at: at(5400),
    artifact: {
      path: '/home/me/pitstop-artifacts/my-api-deploy-59b79c4795-q8l6p.hprof',
      remotePath: '/tmp/pitstop-7f3a.hprof',
      sizeBytes: 234_866_687,
      sha256: '3b1f0b1e5d1c8e2f6a7b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f',
      compression: 'none',
      verified: true,
      format: 'hprof',
      summary: ['850,000 objects of 1,204 classes, 101.2 MiB'],
      tables: [
        {
          title: 'Classes by shallow size',
          noun: 'class',
          unit: 'bytes',
          rows: [
            { name: 'byte[]', count: 302_118, value: 60_817_408 },
            { name: 'shop.OrderLine', count: 491_520, value: 15_728_640 },
          ],
          total: { name: 'total', count: 850_000, value: 106_115_891 },
          length: 1204,
        },
      ],
      durationMs: 1400,
      remoteRemoved: true,
    },
  },
  { type: 'step-finished', at: at(5400), step: 'collect', message: 'sha256 agreed on both ends' },
  { type: 'step-started', at: at(5400), step: 'restore' },
  { type: 'pod-back', at: at(5450) },
  {
    type: 'restoration',
    at: at(9000),
    restoration: {
      provenAt: at(8800),
      slices: ['my-svc-l7jjv'],
      trafficSeen: true,
      replacementRemoved: 'my-api-deploy-59b79c4795-x2x2x',
    },
  },
  { type: 'step-finished', at: at(9000), step: 'restore', message: 'my-svc lists it ready again' },
  { type: 'session-finished', at: at(9010), phase: 'Succeeded' },
];

export function sampleSession(events: readonly SessionEvent[] = sampleEvents): Session {
  return events.reduce(reduce, session);
}
