import type { Service } from 'kubernetes-types/core/v1.js';
import { describe, expect, it } from 'vitest';
import { applyPreparation, createPlan, planPreparation } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { startPitstop } from '../support/pitstop.ts';
import { deployWorkload } from '../support/workload.ts';

const world = useCluster();

describe.concurrent('kubectl pitstop prepare', () => {
  it.each(['StatefulSet', 'DaemonSet'] as const)('a %s, one Pod after the other', async (owner) => {
    const { kube } = world;
    const namespace = `prepare-${owner.toLowerCase()}`;
    await deployWorkload(kube, { namespace, owner });
    const target = `${owner.toLowerCase()}/web`;
    const { preparation, endpoints } = await applyPreparation(kube, { target, namespace });
    expect(preparation.status.warnings).toEqual([
      `the rollout of ${target} takes up to 1 of 2 Pods out at a time`,
    ]);
    expect(endpoints).toMatchObject([{ service: 'web', readyBefore: 2, readyAfter: 2 }]);
    expect(endpoints[0]?.readyLowest).toBeGreaterThanOrEqual(1);
    const { status } = await createPlan(kube, { target, namespace });
    expect(status.route.name).toBe('label');
  });

  it('goes on where a process that was killed had stopped', async () => {
    const { kube, cluster } = world;
    const namespace = 'prepare-killed';
    await deployWorkload(kube, { namespace, owner: 'Deployment' });
    const { child, done } = startPitstop(['prepare', 'deploy/web', '-n', namespace, '--apply'], {
      kubeconfig: cluster.kubeconfigPath,
      onStderr: (chunk) => {
        if (chunk.includes('waiting for the rollout')) child.kill('SIGKILL');
      },
    });
    expect(await done).toMatchObject({ signal: 'SIGKILL' });
    const request = { target: 'deploy/web', namespace };
    const { status } = await planPreparation(kube, request);
    expect(status.steps.map(({ done: isDone }) => isDone)).toEqual([true, false]);
    const { endpoints } = await applyPreparation(kube, request);
    expect(endpoints[0]?.readyLowest).toBe(2);
    const service = await kube.get<Service>({ resource: 'services', namespace, name: 'web' });
    expect(service?.spec?.selector).toEqual({ app: 'web', 'pitstop.dev/traffic': 'open' });
  });
});
