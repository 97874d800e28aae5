import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { Store } from './store.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** As a kubelet writes it: another status each time, the spec as it was. */
function pod(name: string, beat: number): KubeObject {
  const env = Array.from({ length: 40 }, (_, n) => ({
    name: `SETTING_${n}`,
    value: `value ${n} `.repeat(4),
  }));
  const conditions = ['Ready', 'Initialized', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastProbeTime: `2026-11-23T00:00:${beat}Z`,
    message: `seen for the ${beat}th time `.repeat(5),
  }));
  const object = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'a', image: 'b', env }] },
    status: { phase: 'Running', conditions },
  };
  return object;
}

function usedMb(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

it('the history of busy objects levels off, however much is written', () => {
  const store = new Store({ limits: { maxBytes: 8e6 } });
  const pods = store.collection('pods');
  const write = (beats: number) => {
    for (let beat = 0; beat < beats; beat++) {
      // Every revision is read, as with a watcher.
      for (let n = 0; n < 20; n++)
        void pods.put(pod(`pod-${n}`, pods.log.compactedRevision + beat)).json;
    }
  };
  const empty = usedMb();
  write(300);
  const full = usedMb();
  write(600);
  const after = usedMb();
  expect(pods.log.compactedRevision).toBeGreaterThan(0);
  // The bound is an estimate of the heap; twice as much would be a wrong one.
  expect(full - empty).toBeLessThan(16);
  expect(after - full).toBeLessThan(4);
});

it('revisions share what is equal in them', () => {
  const pods = new Store().collection('pods');
  const first = pods.put(pod('a', 1)).object as { spec: object; status: object };
  const second = pods.put(pod('a', 2)).object as { spec: object; status: object };
  expect(second.spec).toBe(first.spec);
  expect(second.status).not.toBe(first.status);
});

it('equal sets of managed fields are kept once', () => {
  const pods = new Store().collection('pods');
  const managed = (name: string) => ({
    ...pod(name, 1),
    metadata: {
      name,
      managedFields: [{ manager: 'm', fieldsV1: { 'f:metadata': { 'f:labels': {} } } }],
    },
  });
  const [a, b] = ['a', 'b'].map((name) => pods.put(managed(name)).object.metadata?.managedFields);
  expect(a?.[0]?.fieldsV1).toBe(b?.[0]?.fieldsV1);
});
