import type { Pod } from 'kubernetes-types/core/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { expect } from 'vitest';
import { ApiFailure } from '../support/api.ts';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { isReady } from '../support/pods.ts';
import type { Resource, Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';

const labels = { foo: 'bar' };

conformance('[sig-apps] DisruptionController should create a PodDisruptionBudget', async (c) => {
  await budgets(c).create(minAvailable('foo', '1%'));
  await processed(c, 'foo');
  const updated = await budgets(c).update('foo', ({ spec }) => {
    spec.minAvailable = '2%';
  });
  expect(updated.spec.minAvailable).toBe('2%');
  await processed(c, 'foo');
  const patched = await budgets(c).patch('foo', { spec: { minAvailable: '3%' } });
  expect(patched.spec.minAvailable).toBe('3%');
  await processed(c, 'foo');
  await budgets(c).delete('foo');
  await until('the budget is gone', async () => (await budgets(c).find('foo')) === undefined);
});

conformance(
  '[sig-apps] DisruptionController should observe PodDisruptionBudget status updated',
  async (c) => {
    await budgets(c).create(minAvailable('foo', 1));
    await createPods(c, 3);
    await running(c, 3);
    await until(
      'disruptions are allowed',
      async () => (await budgets(c).get('foo')).status.disruptionsAllowed > 0,
    );
  },
);

conformance(
  '[sig-apps] DisruptionController should update/patch PodDisruptionBudget status',
  async (c) => {
    await budgets(c).create(minAvailable('foo', 1));
    await createPods(c, 1);
    await processed(c, 'foo');
    const disrupted = (pod: string) => ({ [pod]: '2026-01-02T03:04:05Z' });
    for (;;) {
      const current = await budgets(c).get('foo', 'status');
      current.status.disruptedPods = disrupted('pod-0');
      try {
        const updated = await budgets(c).replace(current, 'status');
        expect(Object.keys(updated.status.disruptedPods ?? {})).toEqual(['pod-0']);
        break;
      } catch (error) {
        if (!(error instanceof ApiFailure && error.code === 409)) throw error;
      }
    }
    const patched = await budgets(c).patch(
      'foo',
      { status: { disruptedPods: null } },
      { type: 'merge', subresource: 'status' },
    );
    expect(Object.keys(patched.status.disruptedPods ?? {})).toEqual([]);
  },
);

conformance(
  '[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it',
  async (c) => {
    await createPods(c, 3);
    await running(c, 3);
    await budgets(c).create(minAvailable('foo', 3));
    await processed(c, 'foo');
    await until(
      'the budget knows its Pods',
      async () => (await budgets(c).get('foo')).status.currentHealthy === 3,
    );
    await expect(evict(c, 'pod-0')).rejects.toMatchObject({ code: 429 });

    await budgets(c).update('foo', ({ spec }) => {
      spec.minAvailable = 2;
    });
    await until('the Pod may be evicted', () => evict(c, 'pod-0'));
    await until('the Pod is gone', async () => !(await c.in<Pod>('v1', 'pods').find('pod-0')));

    await createPods(c, 1);
    await running(c, 3);
    await budgets(c).patch('foo', { spec: { minAvailable: 3 } });
    await processed(c, 'foo');
    await until(
      'the budget knows its Pods',
      async () => (await budgets(c).get('foo')).status.currentHealthy === 3,
    );
    await expect(evict(c, 'pod-1')).rejects.toMatchObject({ code: 429 });
    await budgets(c).delete('foo');
    await until('the Pod may be evicted', () => evict(c, 'pod-1'));
  },
);

conformance(
  '[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets',
  async (c) => {
    const everywhere = c.all<PodDisruptionBudget>('policy/v1', 'poddisruptionbudgets');
    const labelSelector = `e2e-pdb=${c.namespace}`;
    const other = await c.createNamespace();
    const { path } = budgets(c);
    for (const [namespace, name] of [
      [c.namespace, 'foo'],
      [c.namespace, 'foo2'],
      [other, 'foo3'],
    ] as const) {
      const budget = minAvailable(name, '1%');
      const body = { ...budget, metadata: { name, labels: { 'e2e-pdb': c.namespace } } };
      await c.api.call('POST', path.replace(c.namespace, namespace), { body });
    }
    const names = async (of: Resource<PodDisruptionBudget>) =>
      (await of.list({ labelSelector })).items.map(({ metadata }) => metadata.name).toSorted();
    expect(await names(everywhere)).toEqual(['foo', 'foo2', 'foo3']);
    expect(await names(budgets(c))).toEqual(['foo', 'foo2']);
    await budgets(c).deleteCollection({ labelSelector });
    await until('they are gone', async () => (await names(budgets(c))).length === 0);
    expect(await names(everywhere)).toEqual(['foo3']);
  },
);

function budgets(c: Conformance): Resource<PodDisruptionBudget> {
  return c.in<PodDisruptionBudget>('policy/v1', 'poddisruptionbudgets');
}

function minAvailable(name: string, amount: number | string): PodDisruptionBudget {
  return {
    metadata: { name },
    spec: { selector: { matchLabels: labels }, minAvailable: amount },
  };
}

/** Pods that the budget guards, those of them that are not there yet. */
async function createPods(c: Conformance, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await c.in<Pod>('v1', 'pods').create({
      metadata: { name: `pod-${number}`, labels },
      spec: {
        containers: [{ name: 'donothing', image: images.pause }],
        restartPolicy: 'Always',
      },
    });
  }
}

function running(c: Conformance, count: number): Promise<boolean> {
  return until(
    `${count} Pods are ready`,
    async () => (await c.in<Pod>('v1', 'pods').list()).items.filter(isReady).length >= count,
    120_000,
  );
}

function processed(c: Conformance, name: string): Promise<Stored<PodDisruptionBudget> | boolean> {
  return until('the controller has seen the budget', async () => {
    const { status, metadata } = await budgets(c).get(name);
    return (status.observedGeneration ?? 0) >= metadata.generation!;
  });
}

async function evict(c: Conformance, pod: string): Promise<boolean> {
  await c.api.call('POST', `/api/v1/namespaces/${c.namespace}/pods/${pod}/eviction`, {
    body: {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod, namespace: c.namespace },
    },
  });
  return true;
}
