import type { ControllerRevision, DaemonSet } from 'kubernetes-types/apps/v1.js';
import type { Node, Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { isReady } from '../support/pods.ts';
import type { Resource, Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';
import { expectStatusEndpoints } from './subresources.ts';

const name = 'daemon-set';
const labels = { 'daemonset-name': name };

conformance('[sig-apps] Daemon set should run and stop simple daemon [Serial]', async (c) => {
  await daemonSets(c).create(daemonSet());
  const [pod] = await onEveryNode(c);
  await c.in<Pod>('v1', 'pods').delete(pod!.metadata.name);
  await onEveryNode(c);
});

conformance('[sig-apps] Daemon set should run and stop complex daemon [Serial]', async (c) => {
  const nodes = c.all<Node>('v1', 'nodes');
  const key = 'daemonset-color';
  const only = (color: string) => ({ [key]: `${color}-${c.namespace}` });
  await daemonSets(c).create(daemonSet({ nodeSelector: only('blue') }));
  await running(c, []);
  const [node] = await schedulable(c);
  const paint = (color: string | null) =>
    nodes.patch(node!, {
      metadata: { labels: color === null ? { [key]: null } : only(color) },
    });
  c.cleanUp(() => paint(null));
  await paint('blue');
  await running(c, [node!]);
  await paint('green');
  await running(c, []);
  await daemonSets(c).patch(name, {
    spec: {
      updateStrategy: { type: 'RollingUpdate' },
      template: { spec: { nodeSelector: only('green') } },
    },
  });
  await running(c, [node!]);
});

conformance(
  '[sig-apps] Daemon set should retry creating failed daemon pods [Serial]',
  async (c) => {
    await daemonSets(c).create(daemonSet());
    const pods = c.in<Pod>('v1', 'pods');
    const [{ metadata }] = (await onEveryNode(c)) as [Stored<Pod>];
    await until('the Pod has failed', async () => {
      const pod = await pods.get(metadata.name);
      pod.status.phase = 'Failed';
      await pods.replace(pod, 'status');
      return true;
    });
    await until('the failed Pod is gone', async () => {
      const pod = await pods.find(metadata.name);
      return pod === undefined || pod.metadata.uid !== metadata.uid;
    });
    await onEveryNode(c);
  },
);

conformance(
  '[sig-apps] Daemon set should update pod when spec was updated and update strategy is RollingUpdate [Serial]',
  async (c) => {
    await daemonSets(c).create(daemonSet());
    await onEveryNode(c);
    const [first] = await revisions(c);
    expect(first!.revision).toBe(1);
    await daemonSets(c).patch(name, {
      spec: { template: { spec: { containers: [{ name: 'app', image: images.agnhost }] } } },
    });
    await until(
      'every Pod is of the new template',
      async () => {
        const pods = await onEveryNode(c);
        return pods.every(({ spec }) => spec.containers[0]!.image === images.agnhost);
      },
      300_000,
    );
    const all = await revisions(c);
    expect(all.map(({ revision }) => revision)).toEqual([1, 2]);
    const hash = (labelled: { metadata: { labels?: Record<string, string> } }) =>
      labelled.metadata.labels?.['controller-revision-hash'];
    for (const pod of await onEveryNode(c)) expect(hash(pod)).toBe(hash(all[1]!));
  },
);

conformance(
  '[sig-apps] Daemon set should rollback without unnecessary restarts [Serial]',
  async (c) => {
    await daemonSets(c).create(daemonSet());
    const before = await onEveryNode(c);
    const broken = 'foo:non-existent';
    await daemonSets(c).update(name, ({ spec }) => {
      spec.template.spec!.containers[0]!.image = broken;
    });
    const pods = c.in<Pod>('v1', 'pods');
    const isNew = ({ spec }: Stored<Pod>) => spec.containers[0]!.image === broken;
    await until('the rollout is under way', async () => (await pods.list()).items.some(isNew));
    const untouched = (await pods.list()).items.filter((pod) => !isNew(pod));
    await daemonSets(c).update(name, ({ spec }) => {
      spec.template.spec!.containers[0]!.image = images.httpd;
    });
    await until(
      'every Pod is of the old template',
      async () => {
        const now = await onEveryNode(c);
        return now.every(({ spec }) => spec.containers[0]!.image === images.httpd);
      },
      300_000,
    );
    const after = new Set((await onEveryNode(c)).map(({ metadata }) => metadata.uid));
    const kept = untouched.filter(({ metadata }) => !metadata.deletionTimestamp);
    if (before.length > 1) expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter(({ metadata }) => !after.has(metadata.uid))).toEqual([]);
  },
);

conformance(
  '[sig-apps] Daemon set should list and delete a collection of DaemonSets [Serial]',
  async (c) => {
    const everywhere = c.all<DaemonSet>('apps/v1', 'daemonsets');
    await daemonSets(c).create(daemonSet());
    await onEveryNode(c);
    const labelSelector = `daemonset-name=${name}`;
    const listed = (await everywhere.list({ labelSelector })).items;
    expect(listed.filter(({ metadata }) => metadata.namespace === c.namespace)).toHaveLength(1);
    await daemonSets(c).deleteCollection({ labelSelector }, { gracePeriodSeconds: 1 });
    await until(
      'the DaemonSet is gone',
      async () => (await daemonSets(c).list({ labelSelector })).items.length === 0,
    );
  },
);

conformance(
  '[sig-apps] Daemon set should verify changes to a daemon set status [Serial]',
  async (c) => {
    await daemonSets(c).create(daemonSet());
    await onEveryNode(c);
    await expectStatusEndpoints(daemonSets(c), name, `daemonset-name=${name}`);
  },
);

conformance(
  '[sig-apps] ControllerRevision should manage the lifecycle of a ControllerRevision [Serial]',
  async (c) => {
    await daemonSets(c).create(daemonSet());
    await onEveryNode(c);
    const all = c.in<ControllerRevision>('apps/v1', 'controllerrevisions');
    const labelSelector = `daemonset-name=${name}`;
    const everywhere = c.all<ControllerRevision>('apps/v1', 'controllerrevisions');
    const found = (await everywhere.list({ labelSelector })).items.filter(
      ({ metadata }) => metadata.namespace === c.namespace,
    );
    expect(found).toHaveLength(1);
    const initial = await all.get(found[0]!.metadata.name);
    const mark = { [initial.metadata.name]: 'patched' };
    const patched = await all.patch(initial.metadata.name, { metadata: { labels: mark } });
    expect(patched.metadata.labels).toMatchObject(mark);

    const owner = initial.metadata.ownerReferences!;
    await all.create({
      metadata: {
        name: `${name}-second`,
        labels: { ...labels, [initial.metadata.name]: 'updated' },
        ownerReferences: owner,
      },
      data: initial.data!,
      revision: initial.revision + 1,
    });
    expect((await all.list({ labelSelector })).items).toHaveLength(2);
    // The copy says the same, so nothing has to be made in place of the first one.
    const count = (wanted: number) =>
      until(
        `${wanted} revisions`,
        async () => (await all.list({ labelSelector })).items.length === wanted,
      );
    await all.delete(initial.metadata.name);
    await count(1);
    const mark2 = { [`${name}-second`]: 'updated' };
    const second = await all.update(`${name}-second`, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, ...mark2 };
    });
    expect(second.metadata.labels).toMatchObject(mark2);

    await daemonSets(c).patch(name, {
      spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } },
    });
    await count(2);
    await all.deleteCollection({ labelSelector: `${name}-second=updated` });
    await count(1);
    const [last] = (await all.list({ labelSelector })).items;
    expect(last!.metadata.name).not.toBe(`${name}-second`);
  },
);

function daemonSets(c: Conformance): Resource<DaemonSet> {
  return c.in<DaemonSet>('apps/v1', 'daemonsets');
}

function daemonSet(spec: { readonly nodeSelector?: Record<string, string> } = {}): DaemonSet {
  return {
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'app', image: images.httpd, ports: [{ containerPort: 9376 }] }],
          ...spec,
        },
      },
    },
  };
}

/** The Nodes that a Pod without tolerations may run on. */
async function schedulable(c: Conformance): Promise<string[]> {
  const { items } = await c.all<Node>('v1', 'nodes').list();
  return items
    .filter(({ spec, status }) => {
      const ready = status.conditions?.some(
        ({ type, status: is }) => type === 'Ready' && is === 'True',
      );
      return ready && !spec.unschedulable && (spec.taints ?? []).length === 0;
    })
    .map(({ metadata }) => metadata.name);
}

async function onEveryNode(c: Conformance): Promise<readonly Stored<Pod>[]> {
  return running(c, await schedulable(c));
}

/** Waits for one available Pod on each of these Nodes, and none elsewhere. */
function running(c: Conformance, nodes: readonly string[]): Promise<readonly Stored<Pod>[]> {
  return until(
    `daemons on ${nodes.join(', ') || 'no node'}`,
    async () => {
      const { items } = await c.in<Pod>('v1', 'pods').list();
      const alive = items.filter(({ metadata }) => !metadata.deletionTimestamp);
      const ready = alive.filter(isReady);
      const found = alive.map(({ spec }) => spec.nodeName ?? '');
      expect(found.toSorted()).toEqual(nodes.toSorted());
      return ready.length === nodes.length && ready;
    },
    300_000,
  );
}

async function revisions(c: Conformance): Promise<readonly Stored<ControllerRevision>[]> {
  const { items } = await c.in<ControllerRevision>('apps/v1', 'controllerrevisions').list({
    labelSelector: `daemonset-name=${name}`,
  });
  return items.toSorted((a, b) => a.revision - b.revision);
}
