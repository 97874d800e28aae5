import type { StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { Node, Pod, Service } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { isReady, waitUntilRunning } from '../support/pods.ts';
import { exec } from '../support/remote.ts';
import type { Resource, Stored } from '../support/resource.ts';
import { consistently, until } from '../support/until.ts';
import { expectScale, expectStatusEndpoints } from './subresources.ts';

const labels = { foo: 'bar', baz: 'blah' };
const hash = 'controller-revision-hash';

conformance(
  '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform rolling updates and roll backs of template modifications',
  async (c) => {
    const first = (await create(c, { replicas: 3 })).status.currentRevision!;
    await ready(c, 3);
    await breakReadiness(c, 'ss-1');
    await setImage(c, images.busybox, { VERSION: '2' });
    const second = await otherRevision(c, first);
    // A Pod that is not ready holds the update up.
    await mendReadiness(c, 'ss-1');
    await allAt(c, second);

    await breakReadiness(c, 'ss-1');
    await setImage(c, images.busybox, {});
    await until(
      'the old revision is the new one',
      async () => (await sets(c).get('ss')).status.updateRevision === first,
    );
    await mendReadiness(c, 'ss-1');
    await allAt(c, first);
  },
  { timeoutMs: 400_000 },
);

conformance(
  '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform canary updates and phased rolling updates of template modifications',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const partition = (value: number) =>
      sets(c).update('ss', ({ spec }) => {
        spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: value } };
      });
    const first = (await create(c, { replicas: 3, partition: 3 })).status.currentRevision!;
    await ready(c, 3);
    await setImage(c, images.busybox, { VERSION: '2' });
    const second = await otherRevision(c, first);
    await allAt(c, first);

    const revisions = async () => (await ordered(c)).map(({ metadata }) => metadata.labels?.[hash]);
    const settled = (wanted: readonly string[]) =>
      until(
        `revisions ${wanted.join()}`,
        async () => {
          expect(await revisions()).toEqual(wanted);
          return (await ordered(c)).every(isReady);
        },
        300_000,
      );
    await partition(2);
    await settled([first, first, second]);
    // What is lost comes back as it was: below the partition of the old revision.
    for (const pod of ['ss-0', 'ss-2']) {
      const { uid } = (await pods.get(pod)).metadata;
      await pods.delete(pod);
      await until('its successor', async () => {
        const next = await pods.find(pod);
        return next !== undefined && next.metadata.uid !== uid;
      });
    }
    await settled([first, first, second]);
    await partition(1);
    await settled([first, second, second]);
    await partition(0);
    await settled([second, second, second]);
    await until('the update is complete', async () => {
      const { status } = await sets(c).get('ss');
      return status.currentRevision === second && status.updateRevision === second;
    });
  },
  { timeoutMs: 400_000 },
);

conformance(
  '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow]',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const { resourceVersion } = (await pods.list()).metadata;
    using watch = await pods.watch({ labelSelector: 'foo=bar', resourceVersion });
    await create(c, { replicas: 1 });
    await ready(c, 1);
    await breakReadiness(c, 'ss-0');
    await scale(c, 3);
    await consistently('nothing is created', async () => (await ordered(c)).length === 1, 10_000);
    await mendReadiness(c, 'ss-0');
    await ready(c, 3);
    for (const name of ['ss-0', 'ss-1', 'ss-2']) {
      const { object } = await watch.until('the next Pod', ({ type }) => type === 'ADDED');
      expect(object.metadata.name).toBe(name);
    }

    const all = ['ss-0', 'ss-1', 'ss-2'];
    for (const pod of all) await breakReadiness(c, pod);
    await scale(c, 0);
    await consistently('nothing goes', async () => (await ordered(c)).length === 3, 10_000);
    for (const pod of all) await mendReadiness(c, pod);
    await until('all are gone', async () => (await ordered(c)).length === 0, 300_000);
    for (const name of ['ss-2', 'ss-1', 'ss-0']) {
      const { object } = await watch.until('the next to go', ({ type }) => type === 'DELETED');
      expect(object.metadata.name).toBe(name);
    }
  },
  { timeoutMs: 400_000 },
);

conformance(
  '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Burst scaling should run to completion even with unhealthy pods [Slow]',
  async (c) => {
    await create(c, { replicas: 1, parallel: true });
    await ready(c, 1);
    await breakReadiness(c, 'ss-0');
    await scale(c, 3);
    await until('three Pods', async () => (await ordered(c)).length === 3);
    await mendReadiness(c, 'ss-0');
    await ready(c, 3);
    await breakReadiness(c, 'ss-0');
    await scale(c, 0);
    await until('all are gone', async () => (await ordered(c)).length === 0, 120_000);
    await until('none is counted', async () => (await sets(c).get('ss')).status.replicas === 0);
  },
  { timeoutMs: 400_000 },
);

conformance(
  '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource',
  async (c) => {
    await create(c, { replicas: 1 });
    await ready(c, 1);
    await expectScale(c, sets(c), 'ss');
  },
);

conformance(
  '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a collection of StatefulSets',
  async (c) => {
    const everywhere = c.all<StatefulSet>('apps/v1', 'statefulsets');
    await create(c, { replicas: 1 });
    await ready(c, 1);
    const patched = await sets(c).patch('ss', {
      metadata: { labels: { 'test-ss': c.namespace } },
      spec: {
        replicas: 2,
        template: {
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [{ name: 'app', image: images.pause }],
          },
        },
      },
    });
    expect(patched.spec.replicas).toBe(2);
    expect(patched.spec.template.spec!.containers[0]!.image).toBe(images.pause);
    const labelSelector = `test-ss=${c.namespace}`;
    expect((await everywhere.list({ labelSelector })).items).toHaveLength(1);
    await sets(c).deleteCollection({ labelSelector }, { gracePeriodSeconds: 1 });
    await until(
      'the StatefulSet is gone',
      async () => (await everywhere.list({ labelSelector })).items.length === 0,
    );
  },
);

conformance(
  '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status endpoints',
  async (c) => {
    await create(c, { replicas: 1 });
    await ready(c, 1);
    await expectStatusEndpoints(sets(c), 'ss', 'foo=bar,baz=blah');
  },
);

conformance(
  '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted statefulset',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const { items } = await c.all<Node>('v1', 'nodes').list();
    const node = items.find(({ spec }) => !spec.unschedulable && !spec.taints?.length)!;
    const nodeName = node.metadata.name;
    const ports = [{ containerPort: 21_017, hostPort: 21_017, name: 'conflict' }];
    await pods.create({
      metadata: { name: 'test-pod' },
      spec: { nodeName, containers: [{ name: 'webserver', image: images.httpd, ports }] },
    });
    await waitUntilRunning(pods, 'test-pod');
    // Sent past the scheduler, so that only the kubelet sees that the port is taken.
    const set = statefulSet({ replicas: 1 });
    set.spec!.template.spec = {
      nodeName,
      containers: [{ name: 'webserver', image: images.httpd, ports }],
    };
    await service(c);
    const { resourceVersion } = (await pods.list()).metadata;
    using watch = await pods.watch({ fieldSelector: 'metadata.name=ss-0', resourceVersion });
    await sets(c).create(set);
    await watch.until('it has failed', ({ object }) => object.status.phase === 'Failed');
    await watch.until('it is deleted', ({ type }) => type === 'DELETED');
    await pods.delete('test-pod', { gracePeriodSeconds: 0 });
    await until(
      'it runs',
      async () => (await pods.find('ss-0'))?.status.phase === 'Running',
      120_000,
    );
  },
);

interface Shape {
  readonly replicas: number;
  readonly partition?: number;
  readonly parallel?: boolean;
}

function sets(c: Conformance): Resource<StatefulSet> {
  return c.in<StatefulSet>('apps/v1', 'statefulsets');
}

async function create(c: Conformance, shape: Shape): Promise<Stored<StatefulSet>> {
  await service(c);
  await sets(c).create(statefulSet(shape));
  return until('its first revision', async () => {
    const set = await sets(c).get('ss');
    return set.status.currentRevision !== undefined && set;
  });
}

function service(c: Conformance): Promise<unknown> {
  return c.in<Service>('v1', 'services').create({
    metadata: { name: 'test', labels },
    spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80, name: 'http' }] },
  });
}

/** Its Pods are ready as long as a file is there. */
function statefulSet({ replicas, partition, parallel }: Shape): StatefulSet {
  return {
    metadata: { name: 'ss', labels },
    spec: {
      replicas,
      serviceName: 'test',
      selector: { matchLabels: labels },
      ...(parallel && { podManagementPolicy: 'Parallel' }),
      updateStrategy: {
        type: 'RollingUpdate',
        ...(partition !== undefined && { rollingUpdate: { partition } }),
      },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: 'app',
              image: images.busybox,
              command: ['sh', '-c', 'touch /tmp/ready; sleep 1000000'],
              readinessProbe: {
                exec: { command: ['cat', '/tmp/ready'] },
                periodSeconds: 1,
                failureThreshold: 1,
              },
            },
          ],
        },
      },
    },
  };
}

async function ordered(c: Conformance): Promise<readonly Stored<Pod>[]> {
  const { items } = await c.in<Pod>('v1', 'pods').list({ labelSelector: 'foo=bar,baz=blah' });
  return items.toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
}

function ready(c: Conformance, count: number): Promise<boolean> {
  return until(
    `${count} ready Pods`,
    async () => {
      const { status, metadata } = await sets(c).get('ss');
      const pods = await ordered(c);
      const isObserved = (status.observedGeneration ?? 0) >= metadata.generation!;
      return isObserved && pods.length === count && pods.every(isReady);
    },
    300_000,
  );
}

function allAt(c: Conformance, revision: string): Promise<boolean> {
  return until(
    `all Pods at ${revision}`,
    async () => {
      const pods = await ordered(c);
      const isThere = (pod: Stored<Pod>) =>
        pod.metadata.labels?.[hash] === revision && isReady(pod);
      return pods.length === 3 && pods.every(isThere);
    },
    300_000,
  );
}

async function otherRevision(c: Conformance, than: string): Promise<string> {
  return until('another revision', async () => {
    const { updateRevision } = (await sets(c).get('ss')).status;
    return updateRevision !== than && updateRevision;
  });
}

function setImage(c: Conformance, image: string, env: Readonly<Record<string, string>>) {
  return sets(c).update('ss', ({ spec }) => {
    const [container] = spec.template.spec!.containers;
    container!.image = image;
    const entries = Object.entries(env).map(([name, value]) => ({ name, value }));
    if (entries.length > 0) container!.env = entries;
    else delete container!.env;
  });
}

function scale(c: Conformance, replicas: number) {
  return sets(c).update('ss', ({ spec }) => {
    spec.replicas = replicas;
  });
}

async function breakReadiness(c: Conformance, pod: string): Promise<void> {
  await inPod(c, pod, ['rm', '/tmp/ready']);
  const pods = c.in<Pod>('v1', 'pods');
  await until(`${pod} is not ready`, async () => !isReady(await pods.get(pod)));
}

function mendReadiness(c: Conformance, pod: string): Promise<unknown> {
  return inPod(c, pod, ['touch', '/tmp/ready']);
}

function inPod(c: Conformance, pod: string, command: readonly string[]) {
  return exec(c.api, { namespace: c.namespace, pod, container: 'app' }, command);
}
