import type { ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { run } from '../support/pods.ts';
import type { Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';
import { expectScale, expectStatusEndpoints } from './subresources.ts';
import { agnhost, podsReady, replicaSetOf, replicaSets, saysItsName } from './workload.ts';

const labels = { name: 'sample-pod', pod: 'agnhost' };

conformance(
  '[sig-apps] ReplicaSet should serve a basic image on each replica with a public image',
  async (c) => {
    const name = 'my-hostname-basic';
    const container = {
      name,
      image: images.agnhost,
      args: ['serve-hostname'],
      ports: [{ containerPort: 9376 }],
    };
    await replicaSets(c).create(replicaSetOf(name, { labels: { name }, container }));
    await podsReady(c, `name=${name}`, 1);
    await saysItsName(c, name);
  },
);

conformance(
  '[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods',
  async (c) => {
    const name = 'pod-adoption-release';
    const pods = c.in<Pod>('v1', 'pods');
    await run(c, {
      metadata: { name, labels: { name } },
      spec: { containers: [{ name, image: images.agnhost }] },
    });
    const container = { name, image: images.agnhost };
    const set = await replicaSets(c).create(replicaSetOf(name, { labels: { name }, container }));
    const isOwned = (pod: Stored<Pod>) =>
      pod.metadata.ownerReferences?.some(
        ({ controller, uid }) => controller === true && uid === set.metadata.uid,
      ) ?? false;
    await until('the Pod is adopted', async () => {
      const pod = await pods.find(name);
      return pod === undefined || isOwned(pod);
    });

    const [owned] = (await pods.list({ labelSelector: `name=${name}` })).items.filter(isOwned);
    await pods.update(owned!.metadata.name, ({ metadata }) => {
      metadata.labels = { name: 'not-matching-name' };
    });
    await until('the Pod is released', async () => !isOwned(await pods.get(owned!.metadata.name)));
  },
);

conformance(
  '[sig-apps] ReplicaSet Replicaset should have a working scale subresource',
  async (c) => {
    await replicaSets(c).create(replicaSetOf('test-rs', { labels, container: agnhost }));
    await podsReady(c, 'name=sample-pod', 1);
    await expectScale(c, replicaSets(c), 'test-rs');
  },
);

conformance('[sig-apps] ReplicaSet Replace and Patch tests', async (c) => {
  const name = 'test-rs';
  const labelSelector = 'test-rs=patched';
  const { resourceVersion } = (await replicaSets(c).list({ labelSelector })).metadata;
  using watch = await replicaSets(c).watch({ labelSelector, resourceVersion });
  const created = await replicaSets(c).create(replicaSetOf(name, { labels, container: agnhost }));
  await podsReady(c, 'name=sample-pod', 1);
  await replicaSets(c).update(name, ({ spec }) => {
    spec.replicas = 2;
  });

  const patched = await replicaSets(c).patch(name, {
    metadata: { labels: { 'test-rs': 'patched' } },
    spec: {
      replicas: 3,
      template: {
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name, image: images.pause }] },
      },
    },
  });
  expect(BigInt(patched.metadata.resourceVersion)).toBeGreaterThan(
    BigInt(created.metadata.resourceVersion),
  );
  await watch.until(
    'three replicas are available',
    ({ object: { status, spec } }) =>
      status.readyReplicas === 3 &&
      status.availableReplicas === 3 &&
      spec.template!.spec!.containers[0]!.image === images.pause &&
      spec.template!.spec!.terminationGracePeriodSeconds === 0,
    300_000,
  );
});

conformance(
  '[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets',
  async (c) => {
    const everywhere = c.all<ReplicaSet>('apps/v1', 'replicasets');
    const labelSelector = `e2e=${c.namespace}`;
    await replicaSets(c).create(
      replicaSetOf('test-rs', {
        labels: { ...labels, e2e: c.namespace },
        container: agnhost,
        replicas: 3,
      }),
    );
    await podsReady(c, 'name=sample-pod', 3);
    expect((await everywhere.list({ labelSelector })).items).toHaveLength(1);
    await replicaSets(c).deleteCollection({ labelSelector }, { gracePeriodSeconds: 1 });
    expect((await everywhere.list({ labelSelector })).items).toEqual([]);
  },
);

conformance('[sig-apps] ReplicaSet should validate Replicaset Status endpoints', async (c) => {
  await replicaSets(c).create(replicaSetOf('test-rs', { labels, container: agnhost }));
  await podsReady(c, 'name=sample-pod', 1);
  await expectStatusEndpoints(replicaSets(c), 'test-rs', 'name=sample-pod,pod=agnhost');
});
