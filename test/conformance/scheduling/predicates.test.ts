import type { Event, Node, Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { run, waitFor } from '../support/pods.ts';
import { until } from '../support/until.ts';

const pausePod = (name: string, nodeSelector?: Record<string, string>): Pod => ({
  metadata: { name },
  spec: {
    containers: [{ name, image: images.pause }],
    ...(nodeSelector && { nodeSelector }),
  },
});

conformance(
  '[sig-scheduling] SchedulerPredicates validates that NodeSelector is respected if not matching [Serial]',
  async (c) => {
    await c.in<Pod>('v1', 'pods').create(pausePod('restricted-pod', { label: 'nonempty' }));
    await until('the Pod is found unschedulable', async () => {
      const { items } = await c.in<Event>('v1', 'events').list();
      return items.some(
        ({ reason, involvedObject }) =>
          reason === 'FailedScheduling' && involvedObject.name === 'restricted-pod',
      );
    });
    const { spec, status } = await c.in<Pod>('v1', 'pods').get('restricted-pod');
    expect(spec.nodeName).toBeUndefined();
    expect(status.phase).toBe('Pending');
  },
);

conformance(
  '[sig-scheduling] SchedulerPredicates validates that NodeSelector is respected if matching [Serial]',
  async (c) => {
    const nodes = c.all<Node>('v1', 'nodes');
    const without = await run(c, pausePod('without-label'));
    const node = without.spec.nodeName!;
    await c.in<Pod>('v1', 'pods').delete('without-label', { gracePeriodSeconds: 0 });

    const key = `kubernetes.io/e2e-${c.namespace}`;
    await nodes.patch(node, { metadata: { labels: { [key]: '42' } } });
    c.cleanUp(() => nodes.patch(node, { metadata: { labels: { [key]: null } } }));
    expect((await nodes.get(node)).metadata.labels).toMatchObject({ [key]: '42' });

    await c.in<Pod>('v1', 'pods').create(pausePod('with-labels', { [key]: '42' }));
    const pod = await waitFor(c.in<Pod>('v1', 'pods'), 'with-labels', 'has a node', ({ spec }) =>
      Boolean(spec.nodeName),
    );
    expect(pod.spec.nodeName).toBe(node);
  },
);
