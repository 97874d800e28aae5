import { expect, it } from 'vitest';
import type { SessionEvent } from './events.ts';
import type { Session } from './session.ts';
import { SessionLog } from './session-log.ts';

const session: Session = {
  apiVersion: 'pitstop.dev/v1alpha1',
  kind: 'Session',
  metadata: { name: 'aaaaaaaa', namespace: 'shop', creationTimestamp: '' },
  spec: { pod: 'web-1', podUid: 'u', container: 'web', route: 'label', diagnostic: 'none' },
  status: {
    phase: 'Planned',
    podOut: false,
    steps: [{ name: 'isolate', state: 'pending' }],
    route: { name: 'label', reasons: [], rejected: [] },
    warnings: [],
  },
};

it('folds each event into the document, and tells it', () => {
  const told: SessionEvent['type'][] = [];
  const log = new SessionLog(session, ({ type }) => void told.push(type));
  log.emit({ type: 'pod-out' });
  expect(log.session.status.podOut).toBe(true);
  expect(told).toEqual(['pod-out']);
});

it('a listener that throws ends nothing but its being told', async () => {
  let told = 0;
  const log = new SessionLog(session, () => {
    told += 1;
    throw new Error('no such column');
  });
  await log.step('isolate', new AbortController().signal, async () => ({
    message: 'out',
    value: 1,
  }));
  expect(told).toBe(1);
  expect(log.session.status.steps).toMatchObject([{ name: 'isolate', state: 'done' }]);
  expect(log.session.status.warnings).toEqual([
    'a listener failed and is told no more: no such column',
  ]);
});
