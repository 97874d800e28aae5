import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Scale } from 'kubernetes-types/autoscaling/v1.js';
import { expect } from 'vitest';
import type { Conformance } from '../support/conformance.ts';
import type { Resource } from '../support/resource.ts';

type Workload =
  | Resource<DaemonSet>
  | Resource<Deployment>
  | Resource<ReplicaSet>
  | Resource<StatefulSet>;

/** Reads, updates and patches the scale of a workload that has one replica. */
export async function expectScale(c: Conformance, of: Workload, name: string): Promise<void> {
  const workloads = of as Resource<Deployment>;
  const path = `${workloads.path}/${name}/scale`;
  const scale = await c.api.call<Scale>('GET', path);
  expect(scale.spec?.replicas).toBe(1);
  expect(scale.status?.replicas).toBe(1);

  const { resourceVersion: _, ...metadata } = scale.metadata!;
  const written = await c.api.call<Scale>('PUT', path, {
    body: { ...scale, metadata, spec: { replicas: 2 } },
  });
  expect(written.spec?.replicas).toBe(2);
  expect((await workloads.get(name)).spec.replicas).toBe(2);

  await workloads.patch(name, { spec: { replicas: 4 } }, { subresource: 'scale' });
  expect((await workloads.get(name)).spec.replicas).toBe(4);
}

/** Reads, updates and patches the status of a workload, and sees it change. */
export async function expectStatusEndpoints(
  of: Workload,
  name: string,
  labelSelector: string,
): Promise<void> {
  const workloads = of as Resource<Deployment>;
  const { resourceVersion } = (await workloads.list({ labelSelector })).metadata;
  using watch = await workloads.watch({ labelSelector, resourceVersion });
  await workloads.get(name, 'status');

  const condition = {
    type: 'StatusUpdate',
    status: 'True',
    reason: 'E2E',
    message: 'Set from e2e test',
  };
  for (;;) {
    const current = await workloads.get(name);
    current.status.conditions = [...(current.status.conditions ?? []), condition];
    try {
      await workloads.replace(current, 'status');
      break;
    } catch (error) {
      if ((error as { code?: number }).code !== 409) throw error;
    }
  }
  await watch.until('the updated condition', ({ object }) =>
    Boolean(
      object.status.conditions?.some(
        ({ type, reason, message }) =>
          type === condition.type && reason === condition.reason && message === condition.message,
      ),
    ),
  );

  await workloads.patch(
    name,
    { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } },
    { type: 'merge', subresource: 'status' },
  );
  await watch.until('the patched condition', ({ object }) =>
    Boolean(object.status.conditions?.some(({ type }) => type === 'StatusPatched')),
  );
}
