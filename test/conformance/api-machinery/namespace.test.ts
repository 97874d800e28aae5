import type { ConfigMap, NamespaceCondition, Pod, Service } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { ApiFailure } from '../support/api.ts';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { waitUntilRunning } from '../support/pods.ts';
import { Resource } from '../support/resource.ts';
import { until } from '../support/until.ts';

const pausePod: Pod = {
  metadata: { name: 'test-pod' },
  spec: { containers: [{ name: 'nginx', image: images.pause }] },
};

conformance(
  '[sig-api-machinery] Namespaces should ensure that all pods are removed when a namespace is deleted [Serial]',
  async (c) => {
    const namespace = await c.createNamespace();
    const pods = new Resource<Pod>(c.api, 'v1', 'pods', namespace);
    await pods.create(pausePod);
    await waitUntilRunning(pods, 'test-pod');
    await deleteAndRecreate(c, namespace, 90_000);
    await expect(pods.get('test-pod')).rejects.toMatchObject({ code: 404 });
  },
);

conformance(
  '[sig-api-machinery] Namespaces should ensure that all services are removed when a namespace is deleted [Serial]',
  async (c) => {
    const namespace = await c.createNamespace();
    const services = new Resource<Service>(c.api, 'v1', 'services', namespace);
    await services.create({
      metadata: { name: 'test-service' },
      spec: { selector: { foo: 'bar', baz: 'blah' }, ports: [{ port: 80, targetPort: 80 }] },
    });
    await deleteAndRecreate(c, namespace, 60_000);
    await expect(services.get('test-service')).rejects.toMatchObject({ code: 404 });
  },
);

conformance('[sig-api-machinery] Namespaces should patch a Namespace [Serial]', async (c) => {
  const name = await c.createNamespace();
  await c.namespaces.patch(name, { metadata: { labels: { testLabel: 'testValue' } } });
  expect((await c.namespaces.get(name)).metadata.labels).toMatchObject({ testLabel: 'testValue' });
});

conformance(
  '[sig-api-machinery] Namespaces should apply changes to a namespace status [Serial]',
  async (c) => {
    const name = c.namespace;
    const before = await c.namespaces.get(name, 'status');
    expect(before.status.phase).toBe('Active');

    const condition = (type: string, message: string): NamespaceCondition => ({
      type,
      status: 'True',
      reason: 'E2E',
      message,
    });
    const patched = await c.namespaces.patch(
      name,
      {
        metadata: { annotations: { 'e2e-patched-ns-status': name } },
        status: { conditions: [condition('StatusPatch', 'Patched by an e2e test')] },
      },
      { type: 'merge', subresource: 'status' },
    );
    expect(patched.metadata.annotations).toMatchObject({ 'e2e-patched-ns-status': name });
    expect(patched.status.conditions?.at(-1)).toMatchObject({
      reason: 'E2E',
      message: 'Patched by an e2e test',
    });

    const current = await c.namespaces.get(name, 'status');
    current.status.conditions = [
      ...(current.status.conditions ?? []),
      condition('StatusUpdate', 'Updated by an e2e test'),
    ];
    const updated = await c.namespaces.replace(current, 'status');
    expect(updated.status.conditions).toHaveLength(current.status.conditions.length);
    expect(updated.status.conditions?.at(-1)).toMatchObject({
      type: 'StatusUpdate',
      message: 'Updated by an e2e test',
    });
  },
);

conformance(
  '[sig-api-machinery] Namespaces should apply an update to a Namespace [Serial]',
  async (c) => {
    const updated = await c.namespaces.update(c.namespace, (namespace) => {
      namespace.metadata.labels = { ...namespace.metadata.labels, [c.namespace]: 'updated' };
    });
    expect(updated.metadata.labels).toMatchObject({ [c.namespace]: 'updated' });
  },
);

conformance(
  '[sig-api-machinery] Namespaces should apply a finalizer to a Namespace [Serial]',
  async (c) => {
    const finalizer = 'e2e.example.com/fakeFinalizer';
    const name = await c.createNamespace();
    const finalize = async (change: (finalizers: readonly string[]) => string[]) => {
      const namespace = await c.namespaces.get(name);
      namespace.spec.finalizers = change(namespace.spec.finalizers ?? []);
      return c.namespaces.replace(namespace, 'finalize');
    };
    const added = await finalize((finalizers) => [...finalizers, finalizer]);
    expect(added.spec.finalizers).toContain(finalizer);
    const removed = await finalize((all) => all.filter((one) => one !== finalizer));
    expect(removed.spec.finalizers ?? []).not.toContain(finalizer);
  },
);

conformance(
  '[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first',
  async (c) => {
    const name = await c.createNamespace();
    const pods = new Resource<Pod>(c.api, 'v1', 'pods', name);
    const maps = new Resource<ConfigMap>(c.api, 'v1', 'configmaps', name);
    await pods.create({
      ...pausePod,
      metadata: { name: 'test-pod', finalizers: ['e2e.example.com/finalizer'] },
    });
    c.cleanUp(() => release(pods));
    await waitUntilRunning(pods, 'test-pod');
    await maps.create({ metadata: { name: 'test-configmap' }, data: { key: 'value' } });
    await c.namespaces.delete(name);

    await until('the namespace controller has had its turn', async () => {
      const { status } = await c.namespaces.get(name);
      return (
        status.phase === 'Terminating' &&
        status.conditions?.some(({ type }) => type === 'NamespaceDeletionContentFailure')
      );
    });
    await until('the Pod is being deleted', async () => {
      await maps.get('test-configmap');
      return (await pods.get('test-pod')).metadata.deletionTimestamp !== undefined;
    });
    await maps.get('test-configmap');

    await release(pods);
    await gone(c, name, 120_000);
  },
);

async function release(pods: Resource<Pod>): Promise<void> {
  try {
    await pods.update('test-pod', (pod) => {
      pod.metadata.finalizers = [];
    });
  } catch (error) {
    if (!(error instanceof ApiFailure && error.code === 404)) throw error;
  }
}

async function deleteAndRecreate(c: Conformance, name: string, timeoutMs: number): Promise<void> {
  await c.namespaces.delete(name);
  await gone(c, name, timeoutMs);
  await c.namespaces.create({ metadata: { name } });
}

function gone(c: Conformance, name: string, timeoutMs: number): Promise<boolean> {
  const isGone = async () => (await c.namespaces.find(name)) === undefined;
  return until(`namespace ${name} is gone`, isGone, timeoutMs);
}
