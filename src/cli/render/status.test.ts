import { expect, it } from 'vitest';
import type { StatusReport } from '../../engine/index.ts';
import { renderStatus } from './status.ts';

const nowMs = Date.parse('2026-11-23T10:05:30.000Z');
const namespace = 'shop';
const controller = 'endpointslice-controller.k8s.io';
const endpoint = (pod: string, address: string, ready = true) =>
  ({ pod, address, ready, terminating: false, slice: 'web-l7jjv' }) as const;
const session = {
  namespace,
  pod: 'web-q8l6p',
  id: '7f3a5b1c',
  by: 'admin (me@laptop)',
  since: '2026-11-23T10:00:00.000Z',
  overdue: false,
  stale: false,
  renewedAt: '2026-11-23T10:05:20.000Z',
  route: 'release',
  phase: 'out',
  services: ['web'],
  diagnostic: 'jvm-heap',
  records: ['pod/web-q8l6p'],
  problems: [],
} as const;

const report: StatusReport = {
  apiVersion: 'pitstop.dev/v1alpha1',
  kind: 'StatusReport',
  metadata: { namespace },
  services: [
    {
      namespace,
      name: 'web',
      selector: { app: 'web' },
      heldBy: [],
      slices: [
        { name: 'web-byhand', managedBy: '', addressType: 'IPv4' },
        { name: 'web-l7jjv', managedBy: controller, addressType: 'IPv4' },
      ],
      endpoints: [
        { ...endpoint('web-gone1', '10.244.2.9'), slice: 'web-byhand', podGone: true },
        endpoint('web-j9cxz', '10.244.2.16'),
        endpoint('web-x2x2x', '10.244.2.17', false),
      ],
    },
    { namespace, name: 'other', selector: {}, heldBy: [], slices: [], endpoints: [] },
  ],
  sessions: [
    session,
    {
      ...session,
      pod: 'web-old00',
      id: '00000000',
      route: 'selector',
      services: ['other'],
      diagnostic: 'unknown',
      overdue: true,
      records: ['service/other'],
      problems: [
        'pod web-old00 is gone; restore puts right what the session left on service/other',
      ],
    },
  ],
  problems: ['the undo record (annotation pitstop.dev/session) of pod shop/odd cannot be read'],
};

it('shows a tree of Services, slices and Pods, who is out, and what is wrong', () => {
  expect(renderStatus(report, { nowMs, wide: false })).toMatchInlineSnapshot(`
    "SERVICE/SLICE/POD             ADDRESS       STATE
    service/web                                 2 of 3 ready, 1 out
    ├─ endpointslice/web-byhand
    │  └─ pod/web-gone1           10.244.2.9    Ready, but the Pod is gone
    ├─ endpointslice/web-l7jjv
    │  ├─ pod/web-j9cxz           10.244.2.16   Ready
    │  └─ pod/web-x2x2x           10.244.2.17   NotReady
    └─ pod/web-q8l6p                            Out (5m30s)
    service/other                               no endpoints, 1 out
    └─ pod/web-old00                            Left behind (5m30s)

    POD OUT     SINCE   UNTIL           ROUTE      DIAGNOSTIC   BY
    web-q8l6p   5m30s   while it runs   release    jvm-heap     admin (me@laptop)
    web-old00   5m30s   overdue         selector   unknown      admin (me@laptop)

    ! pod/web-old00: pod web-old00 is gone; restore puts right what the session left on service/other
    ! the undo record (annotation pitstop.dev/session) of pod shop/odd cannot be read
    "
  `);
});

it('wide: with selectors, managers and what carries the records', () => {
  const text = renderStatus(report, { nowMs, wide: true, headers: false, namespaces: true });
  expect(text).toMatchInlineSnapshot(`
    "shop   service/web                                 2 of 3 ready, 1 out          app=web
    shop   ├─ endpointslice/web-byhand                                              managed by nobody
    shop   │  └─ pod/web-gone1           10.244.2.9    Ready, but the Pod is gone
    shop   ├─ endpointslice/web-l7jjv                                               managed by endpointslice-controller.k8s.io
    shop   │  ├─ pod/web-j9cxz           10.244.2.16   Ready
    shop   │  └─ pod/web-x2x2x           10.244.2.17   NotReady
    shop   └─ pod/web-q8l6p                            Out (5m30s)                  session 7f3a5b1c
    shop   service/other                               no endpoints, 1 out          <none>
    shop   └─ pod/web-old00                            Left behind (5m30s)          session 00000000

    shop   web-q8l6p   5m30s   while it runs   release    jvm-heap   admin (me@laptop)   7f3a5b1c   pod/web-q8l6p
    shop   web-old00   5m30s   overdue         selector   unknown    admin (me@laptop)   00000000   service/other

    ! pod/web-old00: pod web-old00 is gone; restore puts right what the session left on service/other
    ! the undo record (annotation pitstop.dev/session) of pod shop/odd cannot be read
    "
  `);
});

it('says of a session how long it may last: a deadline, or as long as it is renewed', () => {
  const until = (change: object) =>
    renderStatus(
      { ...report, services: [], sessions: [{ ...session, ...change }], problems: [] },
      { nowMs, wide: false, headers: false },
    ).split(/ {3,}/)[2];
  expect(until({})).toBe('while it runs');
  expect(until({ stale: true, renewedAt: '2026-11-23T10:01:00Z' })).toBe('silent for 4m30s');
  expect(until({ deadline: '2026-11-23T10:30:00Z' })).toBe('in 24m');
  expect(until({ deadline: '2026-11-23T10:05:00Z', overdue: true })).toBe('overdue');
});
