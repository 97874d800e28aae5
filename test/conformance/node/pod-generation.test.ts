import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { run } from '../support/pods.ts';
import type { Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';

const agnhost: Container = { name: 'agnhost-container', image: images.agnhost, args: ['pause'] };

conformance(
  '[sig-node] Pods Extended (pod generation) Pod Generation pod generation should start at 1 and increment per update [MinimumKubeletVersion:1.34]',
  async (c) => {
    const pod = await run(c, {
      metadata: { name: 'pod-generation' },
      spec: {
        initContainers: [{ name: 'init-container', image: images.busybox }],
        containers: [agnhost],
      },
    });
    expect(pod.metadata.generation).toBe(1);

    const changes: readonly (readonly [number, (pod: Stored<Pod>) => void])[] = [
      [0, () => {}],
      [
        1,
        ({ spec }) => {
          const toleration = { key: 'foo', operator: 'Equal', value: 'bar', effect: 'NoSchedule' };
          spec.tolerations = [...(spec.tolerations ?? []), toleration];
        },
      ],
      [
        1,
        ({ spec }) => {
          spec.activeDeadlineSeconds = 5000;
        },
      ],
      [
        1,
        ({ spec }) => {
          spec.containers[0]!.image = images.nginx;
        },
      ],
      [
        1,
        ({ spec }) => {
          spec.initContainers![0]!.image = images.pause;
        },
      ],
      [
        0,
        ({ metadata }) => {
          metadata.annotations = { key: 'value' };
        },
      ],
      [
        0,
        ({ metadata }) => {
          Object.assign(metadata, { generation: 1 });
        },
      ],
    ];
    let generation = 1;
    for (const [step, change] of changes) {
      generation += step;
      const updated = await c.in<Pod>('v1', 'pods').update('pod-generation', change);
      expect(updated.metadata.generation).toBe(generation);
      await observed(c, generation, 20_000);
    }
  },
);

conformance(
  '[sig-node] Pods Extended (pod generation) Pod Generation custom-set generation on new pods and graceful delete',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const pod = await run(c, {
      metadata: { name: 'pod-generation', generation: 100 },
      spec: { containers: [agnhost] },
    });
    expect(pod.metadata.generation).toBe(1);
    const answer = await c.api.raw('DELETE', `${pods.path}/pod-generation`, {
      query: { gracePeriodSeconds: 60 },
    });
    expect(answer.code).toBe(200);
    expect((await pods.get('pod-generation')).metadata.generation).toBe(2);
    await pods.delete('pod-generation', { gracePeriodSeconds: 0 });
  },
);

conformance(
  '[sig-node] Pods Extended (pod generation) Pod Generation issue 500 podspec updates and verify generation and observedGeneration eventually converge [MinimumKubeletVersion:1.34]',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    await run(c, {
      metadata: { name: 'pod-generation' },
      spec: { activeDeadlineSeconds: 5000, containers: [agnhost] },
    });
    for (let update = 0; update < 499; update += 1) {
      await pods.update('pod-generation', ({ spec }) => {
        spec.activeDeadlineSeconds! -= 1;
      });
    }
    await observed(c, 500, 300_000);
    expect((await pods.get('pod-generation')).metadata.generation).toBe(500);
  },
  { timeoutMs: 360_000 },
);

function observed(c: Conformance, generation: number, timeoutMs: number): Promise<boolean> {
  return until(
    `the kubelet has observed generation ${generation}`,
    async () => {
      const { status } = await c.in<Pod>('v1', 'pods').get('pod-generation');
      // Newer than the type definitions.
      expect((status as { observedGeneration?: number }).observedGeneration).toBe(generation);
      return true;
    },
    timeoutMs,
  );
}
