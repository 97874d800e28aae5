import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBeingDeleted, metaOf } from '../object-meta.ts';
import { isPodReady } from '../pod-status.ts';
import { endpointsPodNames, slicePodNames, TestCluster } from '../test-cluster.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const name = fc.constantFrom(...names);
const act = fc.oneof(
  fc.record({ act: fc.constant('add' as const), name, ready: fc.boolean() }),
  fc.record({ act: fc.constant('ready' as const), name, ready: fc.boolean() }),
  fc.record({ act: fc.constant('readdress' as const), name, ready: fc.boolean() }),
  fc.record({ act: fc.constant('relabel' as const), name, ready: fc.boolean() }),
  fc.record({ act: fc.constant('delete' as const), name, ready: fc.boolean() }),
  fc.record({ act: fc.constant('edit' as const), name, ready: fc.boolean() }),
  fc.record({ act: fc.constant('settle' as const), name, ready: fc.boolean() }),
);

describe('the slices of a Service', () => {
  it('list its ready Pods, each once, whatever has happened to Pods and slices', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), async (acts) => {
        await using cluster = new TestCluster();
        cluster.serve('web');
        for (const each of acts) await perform(cluster, each);
        await cluster.advance(2_000);
        const expected = cluster
          .pods('app=web')
          .filter((pod) => isPodReady(pod) && !isBeingDeleted(pod))
          .map((pod) => metaOf(pod).name)
          .sort();
        const slices = cluster.slices('web');
        expect(slicePodNames(slices)).toEqual(expected);
        expect(endpointsPodNames(cluster.endpoints('web'))).toEqual(expected);
        const listed = slices.flatMap(({ endpoints }) => endpoints ?? []);
        expect(listed).toHaveLength(cluster.pods('app=web').length);
        for (const { addresses, targetRef } of listed) {
          expect(addresses).toEqual([cluster.pod(targetRef?.name ?? '').status?.podIP]);
        }
        expect(slices.length).toBeGreaterThan(0);
        expect(cluster.errors).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

async function perform(
  cluster: TestCluster,
  { act: verb, name: pod, ready }: { act: string; name: string; ready: boolean },
): Promise<void> {
  const isThere = cluster.hasPod(pod);
  if (verb === 'settle') await cluster.settle();
  else if (verb === 'add') {
    if (!isThere) cluster.addPod(pod, { labels: { app: 'web' }, ready });
  } else if (verb === 'edit') {
    const [slice] = cluster.slices('web');
    if (slice) cluster.api.update('endpointslices', { ...slice, endpoints: [] });
  } else if (!isThere) return;
  else if (verb === 'ready') cluster.setReady(pod, ready);
  else if (verb === 'readdress') {
    cluster.setReady(pod, ready, `10.245.${ready ? 1 : 2}.${names.indexOf(pod) + 1}`);
  } else if (verb === 'relabel') {
    cluster.patch('pods', pod, { metadata: { labels: { app: ready ? 'web' : 'away' } } });
  } else {
    const key = { namespace: 'default', name: pod };
    cluster.api.delete('pods', key, { gracePeriodSeconds: 0 });
  }
}
