import type { Event as CoreEvent } from 'kubernetes-types/core/v1.js';
import type { Event } from 'kubernetes-types/events/v1.js';
import type { ObjectMeta } from 'kubernetes-types/meta/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import type { Resource } from '../support/resource.ts';
import { until } from '../support/until.ts';

conformance('[sig-instrumentation] Events should manage the lifecycle of an event', async (c) => {
  const events = c.in<CoreEvent>('v1', 'events');
  await events.create(coreEvent(c, 'event-test', 'testevent-constant'));
  const everywhere = c.all<CoreEvent>('v1', 'events');
  expect(await isListed(c, everywhere)).toBe(true);

  await events.patch('event-test', { message: 'This is a test event - patched' });
  const patched = await events.get('event-test');
  expect(patched.message).toBe('This is a test event - patched');

  const wanted = withoutVersion({
    ...patched,
    series: { count: 100, lastObservedTime: '2017-09-19T13:49:16.000000Z' },
  });
  await events.replace(wanted);
  expect(withoutVersion(await events.get('event-test'))).toEqual(wanted);

  await events.delete('event-test');
  expect(await isListed(c, everywhere)).toBe(false);
});

conformance('[sig-instrumentation] Events should delete a collection of events', async (c) => {
  const events = c.in<CoreEvent>('v1', 'events');
  for (const number of [1, 2, 3]) {
    await events.create(coreEvent(c, `test-event-${number}`, 'testevent-set'));
  }
  await deleteSet(events);
});

conformance(
  '[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed',
  async (c) => {
    const events = c.in<Event>('events.k8s.io/v1', 'events');
    const everywhere = c.all<Event>('events.k8s.io/v1', 'events');
    await events.create(newEvent(c, 'event-test', 'testevent-constant'));
    expect(await isListed(c, everywhere)).toBe(true);
    expect(await isListed(c, events)).toBe(true);

    // The same object through either API: the older one calls the reporter its source.
    for (const [resource, fieldSelector] of [
      [c.in<CoreEvent>('v1', 'events'), 'source=test-controller'],
      [events, 'reportingController=test-controller'],
    ] as const) {
      const { items } = await resource.list({ fieldSelector });
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['event-test']);
    }

    const before = await events.get('event-test');
    const series = { count: 2, lastObservedTime: '2017-09-19T13:49:11.000000Z' };
    await events.patch('event-test', { series });
    const patched = await events.get('event-test');
    expect(withoutVersion(patched)).toEqual(withoutVersion({ ...before, series }));

    const wanted = {
      ...patched,
      series: { count: 100, lastObservedTime: '2017-09-19T13:49:16.000000Z' },
    };
    await events.replace(withoutVersion(wanted));
    expect(withoutVersion(await events.get('event-test'))).toEqual(withoutVersion(wanted));

    await events.delete('event-test');
    expect(await isListed(c, everywhere)).toBe(false);
    expect(await isListed(c, events)).toBe(false);
  },
);

conformance('[sig-instrumentation] Events API should delete a collection of events', async (c) => {
  const events = c.in<Event>('events.k8s.io/v1', 'events');
  for (const number of [1, 2, 3]) {
    await events.create(newEvent(c, `test-event-${number}`, 'testevent-set'));
  }
  await deleteSet(events);
});

async function deleteSet(events: Resource<CoreEvent> | Resource<Event>): Promise<void> {
  const labelSelector = 'testevent-set=true';
  expect((await events.list({ labelSelector })).items).toHaveLength(3);
  await events.deleteCollection({ labelSelector });
  await until(
    'the events are gone',
    async () => (await events.list({ labelSelector })).items.length === 0,
    10_000,
  );
}

async function isListed(
  c: Conformance,
  events: Resource<CoreEvent> | Resource<Event>,
): Promise<boolean> {
  const { items } = await events.list({ labelSelector: 'testevent-constant=true' });
  return items.some(
    ({ metadata }) => metadata.name === 'event-test' && metadata.namespace === c.namespace,
  );
}

/** What the API server sets by itself on each write is no part of what was written. */
function withoutVersion<T extends { readonly metadata: ObjectMeta }>(event: T): T {
  const { resourceVersion: _, managedFields: __, ...metadata } = event.metadata;
  return { ...event, metadata };
}

function coreEvent(c: Conformance, name: string, label: string): CoreEvent {
  return {
    metadata: { name, labels: { [label]: 'true' } },
    message: `This is ${name}`,
    reason: 'Test',
    type: 'Normal',
    count: 1,
    involvedObject: { namespace: c.namespace },
  };
}

function newEvent(c: Conformance, name: string, label: string): Event {
  return {
    metadata: { name, labels: { [label]: 'true' } },
    regarding: { namespace: c.namespace },
    eventTime: '2017-09-19T13:49:11.000000Z',
    note: `This is ${name}`,
    action: 'Do',
    reason: 'Test',
    type: 'Normal',
    reportingController: 'test-controller',
    reportingInstance: 'test-node',
  };
}
