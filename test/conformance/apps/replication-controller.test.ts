import type { Scale } from 'kubernetes-types/autoscaling/v1.js';
import type { Pod, ReplicationController, ResourceQuota } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { run } from '../support/pods.ts';
import type { Resource, Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';
import { podsReady, saysItsName } from './workload.ts';

conformance(
  '[sig-apps] ReplicationController should serve a basic image on each replica with a public image',
  async (c) => {
    const name = 'my-hostname-basic';
    await controllers(c).create(controllerOf(name, { args: ['serve-hostname'] }));
    await podsReady(c, `name=${name}`, 1);
    await saysItsName(c, name);
  },
);

conformance(
  '[sig-apps] ReplicationController should adopt matching pods on creation',
  async (c) => {
    const name = 'pod-adoption';
    await run(c, {
      metadata: { name, labels: { name } },
      spec: { containers: [{ name, image: images.agnhost }] },
    });
    const { metadata } = await controllers(c).create(controllerOf(name));
    await until('the Pod is adopted', async () => {
      const pod = await c.in<Pod>('v1', 'pods').find(name);
      return pod === undefined || isOwned(pod, metadata.uid);
    });
  },
);

conformance(
  '[sig-apps] ReplicationController should release no longer matching pods',
  async (c) => {
    const name = 'pod-release';
    const pods = c.in<Pod>('v1', 'pods');
    const { metadata } = await controllers(c).create(controllerOf(name));
    const labelSelector = `name=${name}`;
    const [pod] = await until('its Pod', async () => {
      const { items } = await pods.list({ labelSelector });
      return items.length === 1 && items;
    });
    await pods.update(pod!.metadata.name, (one) => {
      one.metadata.labels = { name: 'not-matching-name' };
    });
    await until(
      'the Pod is released',
      async () => !isOwned(await pods.get(pod!.metadata.name), metadata.uid),
    );
  },
);

conformance(
  '[sig-apps] ReplicationController should get and update a ReplicationController scale',
  async (c) => {
    const name = 'e2e-rc';
    await controllers(c).create(controllerOf(name));
    await until('one replica', async () => (await controllers(c).get(name)).status.replicas === 1);
    const path = `${controllers(c).path}/${name}/scale`;
    const scale = await c.api.call<Scale>('GET', path);
    expect(scale.status?.replicas).toBe(1);
    const { resourceVersion: _, ...metadata } = scale.metadata!;
    await c.api.call('PUT', path, { body: { ...scale, metadata, spec: { replicas: 2 } } });
    await until('two replicas', async () => (await controllers(c).get(name)).status.replicas === 2);
  },
);

conformance(
  '[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota',
  async (c) => {
    const name = 'condition-test';
    const quotas = c.in<ResourceQuota>('v1', 'resourcequotas');
    await quotas.create({ metadata: { name }, spec: { hard: { pods: '2' } } });
    await until('the quota counts', async () => {
      const quota = await quotas.get(name);
      return quota.status.hard?.['pods'] === '2';
    });
    await controllers(c).create(controllerOf(name, { replicas: 3 }));
    const failing = async () => {
      const { status, metadata } = await controllers(c).get(name);
      if ((status.observedGeneration ?? 0) < metadata.generation!) return undefined;
      return status.conditions?.some(({ type }) => type === 'ReplicaFailure') ?? false;
    };
    await until('the failure shows', async () => (await failing()) === true);
    await controllers(c).update(name, ({ spec }) => {
      spec.replicas = 2;
    });
    await until('the failure is gone', async () => (await failing()) === false);
  },
);

conformance(
  '[sig-apps] ReplicationController should test the lifecycle of a ReplicationController',
  async (c) => {
    const name = 'rc-test';
    const labelSelector = `test-rc-static=${c.namespace}`;
    const everywhere = c.all<ReplicationController>('v1', 'replicationcontrollers');
    const { resourceVersion } = (await everywhere.list({ labelSelector })).metadata;
    using watch = await controllers(c).watch({ labelSelector, resourceVersion });
    await controllers(c).create({
      metadata: { name, labels: { 'test-rc-static': c.namespace } },
      spec: {
        replicas: 1,
        selector: { 'test-rc-static': c.namespace },
        template: {
          metadata: { name, labels: { 'test-rc-static': c.namespace } },
          spec: { containers: [{ name, image: images.nginx }] },
        },
      },
    });
    await watch.until('added', ({ type }) => type === 'ADDED');
    await watch.until('ready', ({ object }) => object.status.readyReplicas === 1, 180_000);

    await controllers(c).patch(name, { metadata: { labels: { 'test-rc': 'patched' } } });
    await watch.until(
      'patched',
      ({ type, object }) =>
        type === 'MODIFIED' && object.metadata.labels?.['test-rc'] === 'patched',
    );
    const patched = await controllers(c).patch(
      name,
      { status: { readyReplicas: 0, availableReplicas: 0 } },
      { subresource: 'status' },
    );
    expect(patched.status.readyReplicas ?? 0).toBe(0);
    await watch.until(
      'the status that was written',
      ({ object }) => (object.status.readyReplicas ?? 0) === 0,
    );
    await watch.until('the status that is true', ({ object }) => object.status.readyReplicas === 1);
    expect((await controllers(c).get(name, 'status')).metadata.name).toBe(name);

    await controllers(c).patch(name, { spec: { replicas: 2 } }, { subresource: 'scale' });
    await watch.until('scaled', ({ object }) => object.spec.replicas === 2);
    await watch.until('two are ready', ({ object }) => object.status.readyReplicas === 2, 180_000);
    expect((await controllers(c).get(name)).spec.replicas).toBe(2);
    const listed = (await everywhere.list({ labelSelector })).items;
    expect(listed.map(({ metadata }) => metadata.name)).toEqual([name]);

    const updated = await controllers(c).update(name, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, 'test-rc': 'updated' };
    });
    expect(updated.metadata.labels).toMatchObject({ 'test-rc': 'updated' });
    await controllers(c).deleteCollection({ labelSelector });
    await watch.until('deleted', ({ type }) => type === 'DELETED');
  },
);

function controllers(c: Conformance): Resource<ReplicationController> {
  return c.in<ReplicationController>('v1', 'replicationcontrollers');
}

function controllerOf(
  name: string,
  options: { readonly replicas?: number; readonly args?: string[] } = {},
): ReplicationController {
  const { replicas = 1, args = ['pause'] } = options;
  return {
    metadata: { name },
    spec: {
      replicas,
      selector: { name },
      template: {
        metadata: { labels: { name } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name, image: images.agnhost, args }],
        },
      },
    },
  };
}

function isOwned(pod: Stored<Pod>, owner: string): boolean {
  return (
    pod.metadata.ownerReferences?.some(
      ({ controller, uid }) => controller === true && uid === owner,
    ) ?? false
  );
}
