import type { Node } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { TestCluster } from '../controllers/test-cluster.ts';

const namespace = 'default';
const containers = [{ name: 'web', image: 'web:1' }];

class Nodes extends TestCluster {
  /** `node1` … in zones `a`, `b` in turn, each with room for 10 CPUs and 10 Gi. */
  constructor(count: number) {
    super();
    for (let number = 2; number <= count; number += 1) this.addNode(`node${number}`);
    for (let number = 1; number <= count; number += 1) {
      const name = `node${number}`;
      const zone = number % 2 === 1 ? 'a' : 'b';
      const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone };
      this.patchNode(name, { metadata: { labels } });
      const allocatable = { cpu: '10', memory: '10Gi', pods: '110' };
      this.api.patch(
        'nodes',
        { name },
        { status: { allocatable } },
        { type: 'merge', subresource: 'status' },
      );
    }
  }

  patchNode(name: string, patch: object): void {
    this.api.patch<Node>('nodes', { name }, patch, { type: 'merge' });
  }

  start(name: string, spec: object = {}, labels: Record<string, string> = {}): void {
    const pod = { metadata: { name, namespace, labels }, spec: { containers, ...spec } };
    this.api.create('pods', pod);
  }

  nodesOf(...names: string[]): (string | undefined)[] {
    return names.map((name) => this.pod(name).spec?.nodeName);
  }

  /** What `kubectl describe` would say of a Pod that waits, up to the preemption part. */
  reason(name: string): string | undefined {
    const conditions = this.pod(name).status?.conditions;
    const { message } = conditions?.find(({ type }) => type === 'PodScheduled') ?? {};
    return message?.split('. no new')[0];
  }

  preemption(name: string): string | undefined {
    const conditions = this.pod(name).status?.conditions;
    return conditions
      ?.find(({ type }) => type === 'PodScheduled')
      ?.message?.split('available: ')[2];
  }
}

const asking = (requests: Record<string, string>, others: object = {}) => ({
  containers: [{ name: 'web', image: 'web:1', resources: { requests } }],
  ...others,
});

describe('resources', () => {
  it('are counted by what Pods ask for, and found wanting by name', async () => {
    await using cluster = new Nodes(2);
    cluster.start('a', asking({ cpu: '6' }));
    cluster.start('b', asking({ cpu: '6', memory: '9Gi' }));
    await cluster.settle();
    expect(new Set(cluster.nodesOf('a', 'b'))).toEqual(new Set(['node1', 'node2']));
    cluster.start('c', asking({ cpu: '5', memory: '2Gi' }));
    const gpu = { 'example.com/gpu': '1' };
    const resources = { requests: { cpu: '11', ...gpu }, limits: gpu };
    cluster.start('d', { containers: [{ name: 'web', image: 'web:1', resources }] });
    await cluster.settle();
    expect(cluster.reason('c')).toBe(
      '0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu',
    );
    expect(cluster.preemption('c')).toBe('2 No preemption victims found for incoming pod.');
    expect(cluster.reason('d')).toBe(
      '0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient example.com/gpu',
    );
    expect(cluster.preemption('d')).toBe('2 Preemption is not helpful for scheduling.');
    cluster.api.delete('pods', { namespace, name: 'a' });
    await cluster.settle();
    expect(cluster.pod('c').spec?.nodeName).toBeDefined();
  });

  it('of init containers count beside the sidecars only', async () => {
    await using cluster = new Nodes(1);
    const image = 'web:1';
    const cpu = (amount: string) => ({ resources: { requests: { cpu: amount } } });
    const initContainers = [
      { name: 'side', image, restartPolicy: 'Always', ...cpu('1') },
      { name: 'init', image, ...cpu('5') },
    ];
    cluster.start('a', { initContainers, containers: [{ name: 'web', image, ...cpu('2') }] });
    cluster.start('b', asking({ cpu: '4' }));
    cluster.start('c', asking({ cpu: '1' }));
    await cluster.settle();
    expect(cluster.nodesOf('a', 'b', 'c')).toEqual(['node1', 'node1', undefined]);
  });

  it('of a Pod that has ended are free again', async () => {
    await using cluster = new Nodes(1);
    cluster.start('a', asking({ cpu: '8' }));
    cluster.start('b', asking({ cpu: '8' }));
    await cluster.settle();
    expect(cluster.nodesOf('a', 'b')).toEqual(['node1', undefined]);
    cluster.api.patch(
      'pods',
      { namespace, name: 'a' },
      { status: { phase: 'Succeeded' } },
      { type: 'merge', subresource: 'status' },
    );
    await cluster.settle();
    expect(cluster.nodesOf('b')).toEqual(['node1']);
  });
});

describe('ports of the host', () => {
  it('are taken once, by protocol and address', async () => {
    await using cluster = new Nodes(1);
    const on = (port: object) => ({
      containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80, ...port }] }],
    });
    cluster.start('a', on({ hostPort: 80, hostIP: '127.0.0.1' }));
    cluster.start('b', on({ hostPort: 80, hostIP: '127.0.0.2' }));
    cluster.start('c', on({ hostPort: 80, protocol: 'UDP' }));
    cluster.start('d', on({ hostPort: 80 }));
    await cluster.settle();
    expect(cluster.nodesOf('a', 'b', 'c', 'd')).toEqual(['node1', 'node1', 'node1', undefined]);
    expect(cluster.reason('d')).toBe(
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports",
    );
  });
});

describe('preferences', () => {
  it('for nodes go before an even spread', async () => {
    await using cluster = new Nodes(3);
    cluster.patchNode('node3', { metadata: { labels: { disk: 'ssd' } } });
    const preference = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] };
    const preferred = [{ weight: 50, preference }];
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred },
    };
    cluster.start('a', { affinity });
    cluster.start('b', { affinity });
    await cluster.settle();
    expect(cluster.nodesOf('a', 'b')).toEqual(['node3', 'node3']);
  });

  it('against a taint hold while there is another node', async () => {
    await using cluster = new Nodes(2);
    const taints = [{ key: 'slow', effect: 'PreferNoSchedule' }];
    cluster.patchNode('node1', { spec: { taints } });
    for (const name of ['a', 'b', 'c']) cluster.start(name);
    await cluster.settle();
    expect(cluster.nodesOf('a', 'b', 'c')).toEqual(['node2', 'node2', 'node2']);
    cluster.patchNode('node2', { spec: { unschedulable: true } });
    cluster.start('d');
    await cluster.settle();
    expect(cluster.nodesOf('d')).toEqual(['node1']);
  });
});

describe('affinity between Pods', () => {
  const labelSelector = { matchLabels: { app: 'web' } };
  const required = (kind: string, topologyKey: string) => ({
    affinity: {
      [kind]: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector, topologyKey }],
      },
    },
  });
  const apart = required('podAntiAffinity', 'kubernetes.io/hostname');
  const together = required('podAffinity', 'topology.kubernetes.io/zone');

  it('keeps Pods apart that cannot bear each other', async () => {
    await using cluster = new Nodes(2);
    for (const name of ['a', 'b', 'c']) cluster.start(name, apart, { app: 'web' });
    await cluster.settle();
    expect(new Set(cluster.nodesOf('a', 'b'))).toEqual(new Set(['node1', 'node2']));
    expect(cluster.reason('c')).toBe(
      "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules",
    );
    cluster.api.delete('pods', { namespace, name: 'a' });
    await cluster.settle();
    expect(cluster.pod('c').spec?.nodeName).toBeDefined();
  });

  it('heeds what those already there cannot bear', async () => {
    await using cluster = new Nodes(2);
    cluster.start('hermit', { ...apart, nodeName: 'node1' }, {});
    await cluster.settle();
    cluster.patchNode('node2', { spec: { unschedulable: true } });
    cluster.start('a', {}, { app: 'web' });
    await cluster.settle();
    expect(cluster.reason('a')).toBe(
      "0/2 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules, 1 node(s) were unschedulable",
    );
    expect(cluster.preemption('a')).toBe(
      '1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    );
  });

  it('puts Pods where their company is, and lets the first of a group be alone', async () => {
    await using cluster = new Nodes(4);
    cluster.start('lonely', together);
    await cluster.settle();
    expect(cluster.reason('lonely')).toBe(
      "0/4 nodes are available: 4 node(s) didn't match pod affinity rules",
    );
    cluster.start(
      'first',
      { ...together, nodeSelector: { 'kubernetes.io/hostname': 'node2' } },
      { app: 'web' },
    );
    await cluster.settle();
    cluster.start('second', together, { app: 'web' });
    await cluster.settle();
    expect(cluster.nodesOf('first')).toEqual(['node2']);
    expect(['node2', 'node4']).toEqual(expect.arrayContaining(cluster.nodesOf('lonely', 'second')));
  });

  it('prefers company, and distance, by weight', async () => {
    await using cluster = new Nodes(2);
    cluster.start('web', { nodeName: 'node2' }, { app: 'web' });
    const podAffinityTerm = { labelSelector, topologyKey: 'kubernetes.io/hostname' };
    const preferred = {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }],
    };
    cluster.start('near', { affinity: { podAffinity: preferred } });
    cluster.start('far', { affinity: { podAntiAffinity: preferred } });
    await cluster.settle();
    expect(cluster.nodesOf('near', 'far')).toEqual(['node2', 'node1']);
  });
});

describe('topologySpreadConstraints', () => {
  const spread = (others: object = {}) => ({
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
        ...others,
      },
    ],
  });

  it('hold the number of Pods per zone even', async () => {
    await using cluster = new Nodes(3);
    cluster.patchNode('node2', { spec: { unschedulable: true } });
    cluster.start('a', spread(), { app: 'web' });
    cluster.start('b', spread(), { app: 'web' });
    await cluster.settle();
    expect(cluster.nodesOf('a', 'b').filter(Boolean)).toHaveLength(1);
    const waiting = cluster.pod('a').spec?.nodeName ? 'b' : 'a';
    expect(cluster.reason(waiting)).toBe(
      "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints",
    );
    cluster.patchNode('node2', { spec: { unschedulable: null } });
    await cluster.settle();
    expect(cluster.nodesOf(waiting)).toEqual(['node2']);
  });

  it('leave out nodes without the label', async () => {
    await using cluster = new Nodes(1);
    cluster.start('a', spread({ topologyKey: 'rack' }), { app: 'web' });
    await cluster.settle();
    expect(cluster.reason('a')).toBe(
      "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label)",
    );
  });

  it('may be wishes only', async () => {
    await using cluster = new Nodes(2);
    cluster.patchNode('node2', { spec: { unschedulable: true } });
    const wish = spread({ whenUnsatisfiable: 'ScheduleAnyway' });
    for (const name of ['a', 'b', 'c']) cluster.start(name, wish, { app: 'web' });
    await cluster.settle();
    expect(cluster.nodesOf('a', 'b', 'c')).toEqual(['node1', 'node1', 'node1']);
  });
});

describe('Pods of one Deployment', () => {
  it('spread over the nodes, though one is fuller than the other', async () => {
    await using cluster = new Nodes(2);
    cluster.start('big', asking({ cpu: '2', memory: '1Gi' }, { nodeName: 'node1' }));
    await cluster.settle();
    cluster.deploy('web', { replicas: 4 });
    await cluster.settle();
    const nodes = cluster.pods('app=web').map(({ spec }) => spec?.nodeName ?? '');
    expect(nodes.sort()).toEqual(['node1', 'node1', 'node2', 'node2']);
  });
});

describe('the queue', () => {
  it('serves the highest priority first', async () => {
    await using cluster = new Nodes(1);
    cluster.patchNode('node1', { spec: { unschedulable: true } });
    const all: [string, number][] = [
      ['low', -5],
      ['high', 1000],
      ['normal', 0],
    ];
    for (const [name, value] of all) {
      cluster.api.create('priorityclasses', { metadata: { name }, value });
      cluster.start(name, asking({ cpu: '6' }, { priorityClassName: name }));
    }
    await cluster.settle();
    cluster.patchNode('node1', { spec: { unschedulable: null } });
    await cluster.settle();
    expect(cluster.nodesOf('low', 'normal', 'high')).toEqual([undefined, undefined, 'node1']);
  });

  it('holds a Pod back until its gates are gone', async () => {
    await using cluster = new Nodes(1);
    cluster.start('a', { schedulingGates: [{ name: 'example.com/quota' }] });
    await cluster.settle();
    expect(cluster.nodesOf('a')).toEqual([undefined]);
    expect(cluster.pod('a').status?.conditions).toMatchObject([{ reason: 'SchedulingGated' }]);
    expect(cluster.events().filter(({ reason }) => reason === 'FailedScheduling')).toEqual([]);
    cluster.patch('pods', 'a', { spec: { schedulingGates: null } });
    await cluster.settle();
    expect(cluster.nodesOf('a')).toEqual(['node1']);
  });

  it('is not stirred by what the scheduler itself has written', async () => {
    await using cluster = new Nodes(1);
    cluster.start('a', { nodeSelector: { disk: 'ssd' } });
    await cluster.settle();
    const { resourceVersion } = cluster.pod('a').metadata ?? {};
    await cluster.advance(3_600_000);
    expect(cluster.pod('a').metadata?.resourceVersion).toBe(resourceVersion);
    expect(cluster.events().filter(({ reason }) => reason === 'FailedScheduling')).toHaveLength(1);
  });
});
