import { describe, expect, it } from 'vitest';
import { eventRecorder } from './event-recorder.ts';
import { TestCluster } from './test-cluster.ts';

function setUp() {
  const cluster = new TestCluster();
  const pod = cluster.addPod('a', { labels: { app: 'web' } });
  return { cluster, pod, record: eventRecorder(cluster.api, cluster.clock, 'test-controller') };
}

describe('eventRecorder()', () => {
  it('counts the same Event on the first one', async () => {
    const { cluster, pod, record } = setUp();
    await using _cluster = cluster;
    record(pod, 'Warning', 'Trouble', 'it broke');
    cluster.clock.advance(60_000);
    record(pod, 'Warning', 'Trouble', 'it broke');
    record(pod, 'Warning', 'Trouble', 'it broke again');
    expect(cluster.events().map(({ message, count }) => [message, count])).toEqual([
      ['it broke', 2],
      ['it broke again', 1],
    ]);
    expect(cluster.events()[0]).toMatchObject({
      firstTimestamp: '2026-11-23T12:00:00Z',
      lastTimestamp: '2026-11-23T12:01:00Z',
    });
  });

  it('writes 25 Events about an object, then one every five minutes', async () => {
    const { cluster, pod, record } = setUp();
    await using _cluster = cluster;
    for (let index = 0; index < 40; index += 1) record(pod, 'Normal', 'Busy', `round ${index}`);
    expect(cluster.events()).toHaveLength(25);
    cluster.clock.advance(5 * 60_000);
    for (let index = 0; index < 5; index += 1) record(pod, 'Normal', 'Busy', `later ${index}`);
    expect(cluster.events()).toHaveLength(26);
  });

  it('names the node and the part of the object, and counts by it', async () => {
    await using cluster = new TestCluster();
    const pod = cluster.addPod('a', { labels: { app: 'web' } });
    const options = { host: 'node1', fieldManager: 'kubelet' };
    const record = eventRecorder(cluster.api, cluster.clock, 'kubelet', options);
    for (const name of ['web', 'side'])
      record(pod, 'Normal', 'Started', 'Container started', `spec.containers{${name}}`);
    expect(cluster.events()).toMatchObject([
      {
        count: 1,
        involvedObject: { fieldPath: 'spec.containers{web}' },
        source: { component: 'kubelet', host: 'node1' },
        reportingComponent: 'kubelet',
        reportingInstance: 'node1',
        metadata: { managedFields: [{ manager: 'kubelet' }] },
      },
      { count: 1, involvedObject: { fieldPath: 'spec.containers{side}' } },
    ]);
  });

  it('drops an Event that nobody takes', async () => {
    const { cluster, pod, record } = setUp();
    await using _cluster = cluster;
    const stray = { ...pod, metadata: { ...pod.metadata, namespace: 'nowhere' } };
    record(stray, 'Normal', 'Lost', 'nobody hears');
    expect(cluster.events()).toEqual([]);
  });
});
