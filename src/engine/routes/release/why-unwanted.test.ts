import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import type { UndoRecord } from '../../session/record.ts';
import { daemonSetWhy, replicasWhy, statefulSetWhy } from './why-unwanted.ts';

const record: UndoRecord = {
  id: 'aaaaaaaa',
  by: 'me',
  startedAt: '2026-01-01T00:00:10.500Z',
  renewedAt: '2026-01-01T00:00:10.500Z',
  leaseSeconds: 60,
  route: 'release',
  phase: 'out',
  labels: { app: 'web' },
  siblings: ['11111111', '22222222'],
  deletionCost: null,
  services: ['web'],
  ports: [8080],
  container: 'web',
  diagnostic: 'none',
};

function pod(uid: string, more: Pod = {}): Pod {
  const { metadata, spec } = more;
  return { metadata: { name: `web-${uid}`, uid, ...metadata }, ...(spec && { spec }) };
}

const siblings = [pod('11111111-a'), pod('22222222-b')];
const replacement = pod('33333333-c');

function replicaSet(replicas: number, revision?: string): ReplicaSet {
  const annotations = revision && { 'deployment.kubernetes.io/revision': revision };
  return {
    metadata: { name: 'web-5d', ...(annotations && { annotations }) },
    spec: { replicas, selector: {} },
  };
}

function deployment(revision: string, paused = false): Deployment {
  const annotations = { 'deployment.kubernetes.io/revision': revision };
  return {
    metadata: { name: 'web', annotations },
    spec: { paused, selector: {}, template: {} },
  };
}

describe('replicasWhy', () => {
  const owned = [...siblings, replacement];

  it('is silent when the replacement can go in exchange, or there is room', () => {
    expect(replicasWhy(replicaSet(3), undefined, owned, record)).toBeUndefined();
    expect(replicasWhy(replicaSet(3), undefined, siblings, record)).toBeUndefined();
    expect(replicasWhy(replicaSet(3, '4'), deployment('4'), owned, record)).toBeUndefined();
  });

  it('names a scale-down to nothing, and one that has already taken the replacement', () => {
    expect(replicasWhy(replicaSet(0), undefined, [], record)).toContain('does not want it');
    expect(replicasWhy(replicaSet(2), undefined, siblings, record)).toContain('scaled down to 2');
  });

  it('cannot tell siblings in a record of an older pitstop, and says nothing', () => {
    const { siblings: _, ...older } = record;
    expect(replicasWhy(replicaSet(2), undefined, siblings, older)).toBeUndefined();
  });

  it('names a rollout under way, unless it is paused', () => {
    expect(replicasWhy(replicaSet(2, '4'), deployment('5'), owned, record)).toContain(
      'a rollout from its revision 4 to 5',
    );
    expect(replicasWhy(replicaSet(2, '4'), deployment('5', true), owned, record)).toBeUndefined();
  });
});

describe('statefulSetWhy', () => {
  const second = pod('x', {
    metadata: { name: 'db-1', labels: { 'controller-revision-hash': 'a' } },
  });
  const set = (spec: Partial<StatefulSet['spec'] & object>, updateRevision = 'a'): StatefulSet => ({
    spec: { selector: {}, serviceName: 'db', template: {}, replicas: 3, ...spec },
    status: { replicas: 3, updateRevision },
  });

  it('wants the ordinals from its start on', () => {
    expect(statefulSetWhy(second, set({}))).toBeUndefined();
    expect(statefulSetWhy(second, set({ replicas: 1 }))).toContain('a scale-down to 1');
    const late = { ordinals: { start: 1 } };
    expect(statefulSetWhy(second, set({ replicas: 1, ...late }))).toBeUndefined();
  });

  it('names a rollout that would reach the Pod', () => {
    expect(statefulSetWhy(second, set({}, 'b'))).toContain('a rollout to revision b');
    const behind = { updateStrategy: { rollingUpdate: { partition: 2 } } };
    expect(statefulSetWhy(second, set(behind, 'b'))).toBeUndefined();
    const onDelete = { updateStrategy: { type: 'OnDelete' } };
    expect(statefulSetWhy(second, set(onDelete, 'b'))).toBeUndefined();
  });
});

describe('daemonSetWhy', () => {
  const labels = { 'pod-template-generation': '1' };
  const self = pod('x', { metadata: { labels }, spec: { containers: [], nodeName: 'node1' } });
  const on = (nodeName: string) => pod('y', { spec: { containers: [], nodeName } });
  const set = (generation: string, desired: number): DaemonSet => ({
    metadata: {
      generation: 7,
      annotations: { 'deprecated.daemonset.template.generation': generation },
    },
    spec: { selector: {}, template: {} },
    status: {
      observedGeneration: 7,
      desiredNumberScheduled: desired,
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    },
  });

  it('is silent while it has, or still owes the node, a replacement', () => {
    expect(daemonSetWhy(self, set('1', 2), [on('node1'), on('node2')])).toBeUndefined();
    expect(daemonSetWhy(self, set('1', 2), [on('node2')])).toBeUndefined();
  });

  it('names a node that it does not want any more, and a template that has changed', () => {
    expect(daemonSetWhy(self, set('1', 1), [on('node2')])).toContain('node node1 is not one');
    expect(daemonSetWhy(self, set('2', 2), [on('node1')])).toContain('its template has changed');
  });

  it('counts a replacement that waits for the node', () => {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['node1'] }];
    const nodeSelectorTerms = [{ matchFields }];
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
    const waiting = pod('z', { spec: { containers: [], affinity: { nodeAffinity: required } } });
    expect(daemonSetWhy(self, set('1', 2), [waiting, on('node2')])).toBeUndefined();
  });
});
