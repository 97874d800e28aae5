import type { Pod } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { reachCluster } from '../../src/cluster/index.ts';
import { useCluster } from '../support/cluster.ts';
import { kubectl } from '../support/kubectl.ts';
import { until } from '../support/until.ts';

describe('images and faults of a running cluster', () => {
  const world = useCluster();
  const type = (...args: string[]) => kubectl(world.cluster.kubeconfigPath, args);
  const pod = async (name: string) =>
    JSON.parse((await type('get', 'pod', name, '-o', 'json')).stdout) as Pod;
  const restarts = async (name: string) =>
    (await pod(name)).status?.containerStatuses?.[0]?.restartCount;

  it('a Pod runs an image that was added a moment ago', async () => {
    const { images } = world.cluster;
    await images.set('greeter:1', {
      command: ['sh', '-c', 'echo hello $WHO'],
      env: { WHO: 'you' },
    });
    expect(await images.list()).toHaveProperty(['greeter:1', 'env', 'WHO'], 'you');
    await type('run', 'greeter', '--image=greeter:1', '--restart=Never');
    await until(
      'the Pod has ended',
      async () => (await pod('greeter')).status?.phase === 'Succeeded',
    );
    expect((await type('logs', 'greeter')).stdout).toBe('hello you\n');
    await images.remove('greeter:1');
    await expect(images.remove('greeter:1')).rejects.toThrow('image "greeter:1" not found');
    await expect(images.set('bad', { command: ['x'], workingDir: 'here' })).rejects.toThrow(
      'image: workingDir',
    );
  });

  it('a killed container comes back', async () => {
    await type('run', 'victim', '--image=pause');
    await until('it runs', async () => (await pod('victim')).status?.phase === 'Running');
    await world.cluster.faults.kill({ namespace: 'default', pod: 'victim' });
    await until('it runs again', async () => (await restarts('victim')) === 1);
    expect(
      (await pod('victim')).status?.containerStatuses?.[0]?.lastState?.terminated,
    ).toMatchObject({
      exitCode: 137,
    });
    await expect(
      world.cluster.faults.kill({ namespace: 'default', pod: 'nobody' }),
    ).rejects.toThrow('pods "nobody" not found');
  });

  it('a container whose probe is made to fail is restarted, once', async () => {
    const probe = { exec: { command: ['true'] }, periodSeconds: 1, failureThreshold: 1 };
    const container = { name: 'well', image: 'pause', livenessProbe: probe };
    const spec = { containers: [container], terminationGracePeriodSeconds: 0 };
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'well' }, spec };
    await kubectl(world.cluster.kubeconfigPath, ['create', '-f', '-'], {
      input: JSON.stringify(manifest),
    });
    await until('it runs', async () => (await pod('well')).status?.phase === 'Running');
    const match = { pod: 'well', probe: 'liveness' } as const;
    const fault = await world.cluster.faults.add({ kind: 'probe', match, times: 1 });
    await until('it was restarted', async () => (await restarts('well')) === 1);
    expect(await fault.fired()).toBe(1);
    const events = await type('events', '--for=pod/well');
    expect(events.stdout).toContain('Liveness probe failed: a rehearsed fault');
  });

  it('requests and exec streams go wrong as often as they were told to', async () => {
    const { faults } = world.cluster;
    await using refused = await faults.add({
      kind: 'request',
      match: { verb: 'get', resource: 'pods', name: 'victim' },
      effect: { type: 'status', code: 403, message: 'not today' },
      times: 1,
    });
    const { code, stderr } = await type('get', 'pod', 'victim');
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not today'),
    });
    expect(await refused.fired()).toBe(1);
    expect((await type('get', 'pod', 'victim')).code).toBe(0);

    await faults.add({
      kind: 'exec',
      match: { pod: 'victim' },
      cutAtByte: 3,
      ending: 'success',
      times: 1,
    });
    const cut = await type('exec', 'victim', '--', 'echo', 'hello');
    expect(cut).toMatchObject({ code: 0, stdout: 'hel' });
    expect((await type('exec', 'victim', '--', 'echo', 'hello')).stdout).toBe('hello\n');
    await faults.clear();
    expect(await faults.list()).toEqual([]);
  });

  it('a compacted history is gone for those who ask for it', async () => {
    const { stdout: resourceVersion } = await type(
      'get',
      'namespace',
      'default',
      '-o',
      'jsonpath={.metadata.resourceVersion}',
    );
    await type('create', 'namespace', 'later');
    await world.cluster.compact();
    const watch = await type(
      'get',
      '--raw',
      `/api/v1/namespaces?watch=1&resourceVersion=${resourceVersion}`,
    );
    expect(watch.stdout + watch.stderr).toContain('too old resource version');
  });

  it('a stopped node is told by its condition, and comes back', async () => {
    const node = `${world.cluster.name}-2`;
    await world.cluster.faults.stopNode(node);
    await expect(world.cluster.faults.stopNode('nowhere')).rejects.toThrow(
      'nodes "nowhere" not found',
    );
    await world.cluster.faults.startNode(node);
    await until('the node is Ready', async () =>
      /^True$/.test(
        (
          await type(
            'get',
            'node',
            node,
            '-o',
            'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
          )
        ).stdout,
      ),
    );
  });

  it('nobody reaches a cluster that is not there', async () => {
    await expect(reachCluster('nowhere')).rejects.toMatchObject({ code: 'not-running' });
  });
});
