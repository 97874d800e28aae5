import type { Pod, PodSpec } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { useApiServer } from '../../../../test/support/api-server.ts';

const server = useApiServer();

const create = (name: string, spec: object): PodSpec =>
  server().api.create<Pod>('pods', {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
  }).spec!;

describe('priority', () => {
  it('is that of the class', () => {
    server().api.create('priorityclasses', {
      metadata: { name: 'batch' },
      value: -5,
      preemptionPolicy: 'Never',
    });
    expect(create('batch', { priorityClassName: 'batch' })).toMatchObject({
      priority: -5,
      preemptionPolicy: 'Never',
    });
    expect(create('critical', { priorityClassName: 'system-node-critical' }).priority).toBe(
      2_000_001_000,
    );
    expect(() => create('none', { priorityClassName: 'nope' })).toThrow(
      'pods "none" is forbidden: no PriorityClass with name nope was found',
    );
    expect(() => create('own', { priorityClassName: 'batch', priority: 7 })).toThrow(
      /integer value of priority \(7\) must not be provided in pod spec.*computed -5/,
    );
  });

  it('is that of the global default without one', () => {
    const { api } = server();
    expect(create('before', {}).priority).toBe(0);
    api.create('priorityclasses', { metadata: { name: 'usual' }, value: 9, globalDefault: true });
    expect(create('after', {})).toMatchObject({ priority: 9, priorityClassName: 'usual' });
    api.delete('priorityclasses', { name: 'usual' });
  });
});

describe('a runtime class', () => {
  it('must be there, and brings overhead and where to run', () => {
    expect(() => create('lost', { runtimeClassName: 'nope' })).toThrow(
      'pods "lost" is forbidden: pod rejected: RuntimeClass "nope" not found',
    );
    server().api.create('runtimeclasses', {
      metadata: { name: 'vm' },
      handler: 'vm',
      overhead: { podFixed: { memory: '10Mi' } },
      scheduling: { nodeSelector: { vm: 'yes' } },
    });
    expect(create('vm', { runtimeClassName: 'vm', nodeSelector: { disk: 'ssd' } })).toMatchObject({
      overhead: { memory: '10Mi' },
      nodeSelector: { disk: 'ssd', vm: 'yes' },
    });
    expect(() => create('odd', { runtimeClassName: 'vm', overhead: { memory: '1Mi' } })).toThrow(
      "doesn't match RuntimeClass's defined Overhead",
    );
  });
});
