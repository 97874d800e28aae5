import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import type { Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';
import { expectScale, expectStatusEndpoints } from './subresources.ts';
import {
  agnhost,
  atRevision,
  complete,
  deploymentOf,
  deployments,
  httpd,
  newReplicaSet,
  podsReady,
  replicaSetOf,
  replicaSets,
  replicaSetsOf,
  revisionAnnotation,
} from './workload.ts';

conformance(
  '[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones',
  async (c) => {
    const labels = { name: 'sample-pod' };
    // A revision beyond 32 bits must be counted on from.
    const set = replicaSetOf('test-rolling-update-controller', {
      labels: { ...labels, pod: 'httpd' },
      container: httpd,
    });
    await replicaSets(c).create({
      ...set,
      metadata: { ...set.metadata, annotations: { [revisionAnnotation]: '3546343826724305832' } },
    });
    await podsReady(c, 'name=sample-pod', 1);
    const name = 'test-rolling-update-deployment';
    await deployments(c).create(deploymentOf(name, { labels, container: agnhost }));
    await atRevision(c, name, { revision: '3546343826724305833', image: images.agnhost });
    const sets = await replicaSetsOf(c, await complete(c, name));
    expect(sets.slice(1).map(({ metadata }) => metadata.name)).toEqual([set.metadata!.name]);
  },
);

conformance(
  '[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones',
  async (c) => {
    const name = 'test-recreate-deployment';
    await deployments(c).create(
      deploymentOf(name, {
        labels: { name: 'sample-pod-3' },
        container: agnhost,
        spec: { strategy: { type: 'Recreate' } },
      }),
    );
    await atRevision(c, name, { revision: '1', image: images.agnhost });
    await complete(c, name);

    const { resourceVersion, generation } = (
      await deployments(c).update(name, ({ spec }) => {
        spec.template.spec!.containers = [{ ...spec.template.spec!.containers[0]!, ...httpd }];
      })
    ).metadata;
    const fieldSelector = `metadata.name=${name}`;
    using watch = await deployments(c).watch({ fieldSelector, resourceVersion });
    await watch.until(
      'the new Pods alone',
      ({ object: { status } }) => {
        // Old and new ones at a time is just what this strategy rules out.
        if ((status.updatedReplicas ?? 0) > 0) expect(status.replicas).toBe(status.updatedReplicas);
        return (
          (status.observedGeneration ?? 0) >= generation! &&
          status.updatedReplicas === 1 &&
          status.availableReplicas === 1
        );
      },
      180_000,
    );
  },
);

conformance('[sig-apps] Deployment deployment should delete old replica sets', async (c) => {
  const labels = { name: 'cleanup-pod' };
  await replicaSets(c).create(
    replicaSetOf('test-cleanup-controller', {
      labels: { ...labels, pod: 'httpd' },
      container: httpd,
    }),
  );
  await podsReady(c, 'name=cleanup-pod', 1);
  const pods = c.in<Pod>('v1', 'pods');
  const { resourceVersion } = (await pods.list()).metadata;
  using watch = await pods.watch({ resourceVersion });

  const name = 'test-cleanup-deployment';
  await deployments(c).create(
    deploymentOf(name, { labels, container: agnhost, spec: { revisionHistoryLimit: 0 } }),
  );
  await until(
    'the old ReplicaSet is cleaned up',
    async () => {
      const sets = await replicaSetsOf(c, await deployments(c).get(name));
      return sets.length === 1 && sets[0]!.spec.template!.spec!.containers[0]!.name === 'agnhost';
    },
    120_000,
  );
  // The adopted ReplicaSet must not have made a Pod in place of the one it lost.
  const created: string[] = [];
  for (let event = await watch.next(1000); event; event = await watch.next(1000)) {
    if (event.type === 'ADDED') created.push(event.object.spec.containers[0]!.name);
  }
  expect(created).toEqual(['agnhost']);
});

conformance('[sig-apps] Deployment deployment should support rollover', async (c) => {
  const labels = { name: 'rollover-pod' };
  const old = 'test-rollover-controller';
  await replicaSets(c).create(
    replicaSetOf(old, { labels: { ...labels, pod: 'httpd' }, container: httpd }),
  );
  await podsReady(c, 'name=rollover-pod', 1);

  const name = 'test-rollover-deployment';
  const missing = 'gcr.io/google_samples/gb-redisslave:nonexistent';
  await deployments(c).create(
    deploymentOf(name, {
      labels,
      container: { name: 'redis-slave', image: missing },
      spec: {
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        minReadySeconds: 10,
      },
    }),
  );
  await until('its first new Pod', async () => {
    const { status, metadata } = await deployments(c).get(name);
    return (
      (status.updatedReplicas ?? 0) >= 1 &&
      (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
    );
  });
  const stuck = await atRevision(c, name, { revision: '1', image: missing });
  const expectReplicas = async (set: string, replicas: number) => {
    const { spec, status } = await replicaSets(c).get(set);
    expect([spec.replicas, status.replicas]).toEqual([replicas, replicas]);
  };
  await expectReplicas(old, 1);
  await expectReplicas(stuck.metadata.name, 1);

  const updated = await deployments(c).update(name, ({ spec }) => {
    spec.template.spec!.containers = [{ ...spec.template.spec!.containers[0]!, ...agnhost }];
  });
  await until(
    'the update is observed',
    async () =>
      ((await deployments(c).get(name)).status.observedGeneration ?? 0) >=
      updated.metadata.generation!,
  );
  await atRevision(c, name, { revision: '2', image: images.agnhost });
  await until(
    'the rollout is complete, and was never short of a Pod',
    async () => {
      const { status, spec } = await deployments(c).get(name);
      expect(status.availableReplicas ?? 0).toBeGreaterThanOrEqual(1);
      expect(status.replicas ?? 0).toBeLessThanOrEqual(2);
      return (
        status.updatedReplicas === spec.replicas &&
        status.replicas === spec.replicas &&
        status.availableReplicas === spec.replicas
      );
    },
    300_000,
  );
  await expectReplicas(old, 0);
  await expectReplicas(stuck.metadata.name, 0);
});

conformance(
  '[sig-apps] Deployment deployment should support proportional scaling',
  async (c) => {
    const name = 'webserver-deployment';
    await deployments(c).create(
      deploymentOf(name, {
        labels: { name: 'httpd' },
        container: httpd,
        replicas: 10,
        spec: {
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } },
        },
      }),
    );
    await podsReady(c, 'name=httpd', 10);
    const first = (await newReplicaSet(c, await complete(c, name))).metadata.name;
    // An image that nobody has stops the rollout half-way.
    await deployments(c).update(name, ({ spec }) => {
      spec.template.spec!.containers[0]!.image = 'webserver:404';
    });
    const second = (
      await until('the second ReplicaSet', async () =>
        newReplicaSet(c, await deployments(c).get(name)),
      )
    ).metadata.name;

    const settled = (set: string, wanted: { spec: number; available?: number }) =>
      until(
        `${set} has ${wanted.spec} replicas`,
        async () => {
          const { spec, status } = await replicaSets(c).get(set);
          expect(spec.replicas).toBe(wanted.spec);
          expect(status.replicas).toBe(wanted.spec);
          if (wanted.available !== undefined) {
            expect(status.availableReplicas ?? 0).toBe(wanted.available);
          }
          return true;
        },
        120_000,
      );
    await settled(first, { spec: 8, available: 8 });
    await settled(second, { spec: 5, available: 0 });
    expect((await deployments(c).get(name)).status.availableReplicas).toBeGreaterThanOrEqual(8);

    await deployments(c).update(name, ({ spec }) => {
      spec.replicas = 30;
    });
    // 20 more, in the proportion of 8 to 5.
    for (const [set, replicas] of [
      [first, 20],
      [second, 13],
    ] as const) {
      await until(
        `${set} is to have ${replicas} replicas`,
        async () => (await replicaSets(c).get(set)).spec.replicas === replicas,
      );
    }
  },
  { timeoutMs: 400_000 },
);

conformance('[sig-apps] Deployment should run the lifecycle of a Deployment', async (c) => {
  const name = 'test-deployment';
  const labelSelector = `test-deployment-static=${c.namespace}`;
  const everywhere = c.all<Deployment>('apps/v1', 'deployments');
  const { resourceVersion } = (await everywhere.list({ labelSelector })).metadata;
  using watch = await deployments(c).watch({ labelSelector, resourceVersion });
  const created = deploymentOf(name, {
    labels: { 'test-deployment-static': c.namespace },
    container: { name, image: images.agnhost },
    replicas: 2,
  });
  await deployments(c).create(created);
  await watch.until('added', ({ type }) => type === 'ADDED');
  const scaled = (replicas: number, image: string) => (event: { object: Stored<Deployment> }) => {
    const { status, spec } = event.object;
    return (
      status.readyReplicas === replicas &&
      status.updatedReplicas === replicas &&
      (status.unavailableReplicas ?? 0) === 0 &&
      spec.template.spec!.containers[0]!.image === image
    );
  };
  await watch.until('all replicas are ready', scaled(2, images.agnhost), 300_000);

  await deployments(c).patch(name, {
    metadata: { labels: { 'test-deployment': 'patched' } },
    spec: {
      replicas: 1,
      template: {
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: [{ name, image: images.pause }],
        },
      },
    },
  });
  await watch.until(
    'modified',
    ({ type, object }) =>
      type === 'MODIFIED' && object.metadata.labels?.['test-deployment'] === 'patched',
  );
  const patched = await watch.until(
    'the patched replica is ready',
    scaled(1, images.pause),
    300_000,
  );
  expect(patched.object.spec.template.spec!.terminationGracePeriodSeconds).toBe(2);
  const listed = (await everywhere.list({ labelSelector })).items;
  expect(listed.map(({ metadata }) => metadata.name)).toEqual([name]);

  await deployments(c).replace({
    ...created,
    metadata: {
      name,
      labels: { 'test-deployment-static': c.namespace, 'test-deployment': 'updated' },
    },
    spec: {
      ...created.spec!,
      template: {
        ...created.spec!.template,
        spec: { ...created.spec!.template.spec!, containers: [{ name, image: images.httpd }] },
      },
    },
  });
  const status = await deployments(c).get(name, 'status');
  expect(status.spec.template.spec!.containers[0]!.image).toBe(images.httpd);
  expect(status.metadata.labels).toMatchObject({ 'test-deployment': 'updated' });
  await watch.until('the updated replicas are ready', scaled(2, images.httpd), 300_000);

  await deployments(c).patch(
    name,
    { status: { readyReplicas: 0, availableReplicas: 0 } },
    { subresource: 'status' },
  );
  await watch.until(
    'the status that was written',
    ({ type, object }) =>
      type === 'MODIFIED' &&
      (object.status.readyReplicas ?? 0) === 0 &&
      (object.status.availableReplicas ?? 0) === 0,
    30_000,
  );
  await watch.until('the status that is true', scaled(2, images.httpd), 300_000);

  await deployments(c).deleteCollection({ labelSelector }, { gracePeriodSeconds: 1 });
  await watch.until('deleted', ({ type }) => type === 'DELETED');
});

conformance('[sig-apps] Deployment should validate Deployment Status endpoints', async (c) => {
  const name = 'test-deployment';
  const labels = { name: 'httpd', e2e: 'testing' };
  await deployments(c).create(deploymentOf(name, { labels, container: httpd }));
  await atRevision(c, name, { revision: '1', image: images.httpd });
  await complete(c, name);
  await expectStatusEndpoints(deployments(c), name, 'e2e=testing');
});

conformance(
  '[sig-apps] Deployment Deployment should have a working scale subresource',
  async (c) => {
    const name = 'test-new-deployment';
    await deployments(c).create(
      deploymentOf(name, { labels: { name: 'httpd' }, container: httpd }),
    );
    await atRevision(c, name, { revision: '1', image: images.httpd });
    await complete(c, name);
    await expectScale(c, deployments(c), name);
  },
);
