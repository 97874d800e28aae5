import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.js';
import type { Pod, ReplicationController } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import type { Resource, Stored } from '../support/resource.ts';
import { consistently, until } from '../support/until.ts';

conformance(
  '[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning',
  async (c) => {
    const deployment = await createDeployment(c, { gctest: 'delete_rs' });
    const { uid, name } = deployment.metadata;
    const deployments = c.in<Deployment>('apps/v1', 'deployments');
    await deployments.delete(name, { propagationPolicy: 'Background', preconditions: { uid } });
    await until(
      'everything of the Deployment is collected',
      async () => (await counts(c)).join() === '0,0,0',
      60_000,
    );
  },
);

conformance(
  '[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan',
  async (c) => {
    const deployment = await createDeployment(c, { gctest: 'orphan_rs' });
    const replicaSets = c.in<ReplicaSet>('apps/v1', 'replicasets');
    await until('the ReplicaSet has its Pods', async () => {
      const [set] = (await replicaSets.list()).items;
      return set!.status.replicas === set!.spec.replicas;
    });
    const { uid, name } = deployment.metadata;
    const deployments = c.in<Deployment>('apps/v1', 'deployments');
    await deployments.delete(name, { propagationPolicy: 'Orphan', preconditions: { uid } });
    await until(
      'the Deployment is gone',
      async () => (await deployments.find(name)) === undefined,
      90_000,
    );
    expect(await counts(c)).toEqual([0, 1, 2]);
    const [orphan] = (await replicaSets.list()).items;
    expect(orphan!.metadata.ownerReferences?.filter(({ controller }) => controller) ?? []).toEqual(
      [],
    );
  },
);

conformance(
  "[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Serial]",
  async (c) => {
    // Upstream takes between 10 and 100, by the capacity of the nodes.
    const replicas = 10;
    const controllers = c.in<ReplicationController>('v1', 'replicationcontrollers');
    const pods = c.in<Pod>('v1', 'pods');
    const first = await controllers.create(
      controller('simpletest-rc-to-be-deleted', replicas, { 'gctest-d': 'pending' }),
    );
    const second = await controllers.create(
      controller('simpletest-rc-to-stay', 0, { 'gctest-s': 'valid' }),
    );
    await until(
      'the controller has its Pods',
      async () => (await controllers.get(first.metadata.name)).status.replicas === replicas,
    );
    const { items } = await pods.list();
    const shared = items.slice(0, replicas / 2).map(({ metadata }) => metadata.name);
    const { name, uid } = second.metadata;
    const reference = { apiVersion: 'v1', kind: 'ReplicationController', name, uid };
    for (const pod of shared) {
      await pods.patch(pod, { metadata: { ownerReferences: [reference] } });
    }
    await controllers.delete(first.metadata.name, {
      propagationPolicy: 'Foreground',
      preconditions: { uid: first.metadata.uid },
    });
    await until(
      'the first controller is gone',
      async () => (await controllers.find(first.metadata.name)) === undefined,
      90_000,
    );
    const left = (await pods.list()).items;
    expect(left.map(({ metadata }) => metadata.name).toSorted()).toEqual(shared.toSorted());
    for (const { metadata } of left) {
      expect(metadata.deletionTimestamp).toBeUndefined();
      expect(metadata.ownerReferences).toEqual([reference]);
    }
  },
);

conformance(
  '[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning',
  async (c) => {
    const { name, uid } = await createController(c, 2);
    await until('a Pod', async () => (await c.in('v1', 'pods').list()).items.length > 0);
    await controllers(c).delete(name, {
      propagationPolicy: 'Background',
      preconditions: { uid },
    });
    await until('no Pod is left', async () => (await left(c)).join() === '0,0');
  },
);

conformance(
  '[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so [Serial]',
  async (c) => {
    const { name, uid } = await createController(c, 10);
    await replicated(c, name, 10);
    await controllers(c).delete(name, { propagationPolicy: 'Orphan', preconditions: { uid } });
    await until(
      'the controller is gone',
      async () => (await controllers(c).find(name)) === undefined,
      150_000,
    );
    // The time that upstream gives a collector that is wrong.
    await consistently('its Pods stay', async () => (await left(c))[1] === 10, 30_000);
  },
);

conformance(
  '[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so [Serial]',
  async (c) => {
    const { name, uid } = await createController(c, 10);
    await replicated(c, name, 10);
    await controllers(c).delete(name, { propagationPolicy: 'Foreground', preconditions: { uid } });
    await until(
      'the controller is gone',
      async () => (await controllers(c).find(name)) === undefined,
      60_000,
    );
    expect((await c.in('v1', 'pods').list()).items).toEqual([]);
  },
);

conformance(
  '[sig-api-machinery] Garbage collector should not be blocked by dependency circle',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const created = [];
    for (const name of ['pod1', 'pod2', 'pod3']) {
      created.push(await pods.create({ metadata: { name }, spec: template({}).spec }));
    }
    for (const [index, { metadata }] of created.entries()) {
      const { name, uid } = created[(index + 2) % 3]!.metadata;
      const owner = { apiVersion: 'v1', kind: 'Pod', name, uid };
      const reference = { ...owner, controller: true, blockOwnerDeletion: true };
      await pods.patch(metadata.name, { metadata: { ownerReferences: [reference] } });
    }
    const { uid } = created[0]!.metadata;
    await pods.delete('pod1', { propagationPolicy: 'Foreground', preconditions: { uid } });
    await until('no Pod is left', async () => (await pods.list()).items.length === 0, 90_000);
  },
);

function controllers(c: Conformance): Resource<ReplicationController> {
  return c.in<ReplicationController>('v1', 'replicationcontrollers');
}

async function createController(c: Conformance, replicas: number) {
  const rc = controller('simpletest.rc', replicas, { gctest: 'rc' });
  return (await controllers(c).create(rc)).metadata;
}

function replicated(c: Conformance, name: string, replicas: number): Promise<boolean> {
  return until(
    `${replicas} replicas`,
    async () => (await controllers(c).get(name)).status.replicas === replicas,
  );
}

/** How many ReplicationControllers and Pods there are. */
function left(c: Conformance): Promise<number[]> {
  const kinds = [controllers(c), c.in<Pod>('v1', 'pods')];
  return Promise.all(kinds.map(async (kind) => (await kind.list()).items.length));
}

async function createDeployment(
  c: Conformance,
  labels: Readonly<Record<string, string>>,
): Promise<Stored<Deployment>> {
  const created = await c.in<Deployment>('apps/v1', 'deployments').create({
    metadata: { name: 'simpletest.deployment' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate' },
      template: template(labels),
    },
  });
  await until('the Deployment has a ReplicaSet', async () => (await counts(c))[1] === 1);
  return created;
}

function controller(
  name: string,
  replicas: number,
  labels: Readonly<Record<string, string>>,
): ReplicationController {
  return { metadata: { name }, spec: { replicas, selector: labels, template: template(labels) } };
}

function template(labels: Readonly<Record<string, string>>) {
  return {
    metadata: { labels },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'nginx', image: images.agnhost, args: ['pause'] }],
    },
  };
}

/** How many Deployments, ReplicaSets and Pods there are. */
function counts(c: Conformance): Promise<number[]> {
  const kinds = [
    c.in('apps/v1', 'deployments'),
    c.in('apps/v1', 'replicasets'),
    c.in('v1', 'pods'),
  ];
  return Promise.all(kinds.map(async (kind) => (await kind.list()).items.length));
}
