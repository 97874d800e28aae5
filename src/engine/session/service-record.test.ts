import type { Service } from 'kubernetes-types/core/v1.js';
import { expect, it } from 'vitest';
import { effectiveSelector, encodeServiceRecord, readServiceRecord } from './service-record.ts';

const record = {
  selector: { app: 'web' },
  sessions: [
    { id: 'a', pod: 'web-1', podUid: 'u1', by: 'jane', startedAt: '2026-01-01T00:00:00Z' },
  ],
};

function service(selector: Record<string, string> | undefined, annotation?: string): Service {
  return {
    metadata: {
      name: 'web',
      namespace: 'shop',
      ...(annotation !== undefined && { annotations: { 'pitstop.dev/session': annotation } }),
    },
    spec: { ...(selector && { selector }) },
  };
}

it.each([
  ['its own', service({ app: 'api' }), { app: 'api' }],
  [
    'its own, before one that a session holds',
    service({ app: 'api' }, encodeServiceRecord(record)),
    { app: 'api' },
  ],
  [
    'the one that sessions hold for it',
    service(undefined, encodeServiceRecord(record)),
    { app: 'web' },
  ],
  ['that also beside an empty one', service({}, encodeServiceRecord(record)), { app: 'web' }],
  ['none', service(undefined), undefined],
  ['none, where the record cannot be read', service(undefined, '{"selector":1}'), undefined],
])('a Service finds its Pods by %s', (_, given, selector) => {
  expect(effectiveSelector(given)).toEqual(selector);
});

it('reads what it wrote, and refuses to guess', () => {
  expect(readServiceRecord(service(undefined, encodeServiceRecord(record)))).toEqual(record);
  expect(() => readServiceRecord(service(undefined, 'nonsense'))).toThrow(
    'the undo record (annotation pitstop.dev/session) of service shop/web cannot be read',
  );
});
