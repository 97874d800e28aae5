import { describe, expect, it } from 'vitest';
import { createPlan, runSession } from '../../src/engine/index.ts';
import { useCluster } from '../support/cluster.ts';
import { deployMyApi } from '../support/my-api.ts';
import { hasTools } from '../support/tools.ts';

const world = useCluster();

describe('what a diagnostic may need at worst', () => {
  it.for([
    { runtime: 'jvm', heapMb: 80, source: 'its last collection' },
    { runtime: 'node', heapMb: 20, source: 'its resident memory' },
  ] as const)(
    'is no less than what it takes: $runtime',
    async ({ runtime, heapMb, source }, { skip }) => {
      if (runtime === 'jvm' && !hasTools('java')) skip('there is no java here');
      const { kube } = world;
      const namespace = `worst-${runtime}`;
      await deployMyApi(kube, { namespace, runtime, heapMb });
      const request = { namespace, target: 'deploy/my-api-deploy' };
      const { interlocks, estimate } = (await createPlan(kube, request)).status;
      expect(interlocks).toEqual([]);
      expect(estimate?.basis).toContain(source);
      expect(estimate?.livenessBudgetMs).toBe(52_000);
      expect(estimate?.directory).toMatch(/^\/(var\/)?tmp$/);

      const output = `${world.cluster.directory}/artifacts/`;
      const { status } = await runSession(kube, { ...request, output });
      expect(status).toMatchObject({ phase: 'Succeeded', artifact: { verified: true } });
      const { sizeBytes = 0 } = status.artifact ?? {};
      expect(sizeBytes).toBeGreaterThan(heapMb * 1e6 * 0.5);
      expect(estimate?.sizeBytes).toBeGreaterThanOrEqual(sizeBytes);
    },
  );
});
