import type { Container, Pod, Service } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { isReady, outputOf, run, waitFor, waitUntilGone, waitUntilReady } from '../support/pods.ts';
import { messagesOf } from '../support/remote.ts';
import { until } from '../support/until.ts';

const pause: Container = { name: 'pause', image: images.pause };

conformance('[sig-node] Pods should get a host IP', async (c) => {
  await c.in<Pod>('v1', 'pods').create({
    metadata: { name: 'pod-hostip' },
    spec: { containers: [{ name: 'test', image: images.pause }] },
  });
  await waitFor(c.in<Pod>('v1', 'pods'), 'pod-hostip', 'has a host IP', ({ status }) =>
    /^[\d.]+$|^[\da-f:]+$/.test(status.hostIP ?? ''),
  );
});

conformance('[sig-node] Pods should be submitted and removed', async (c) => {
  const pods = c.in<Pod>('v1', 'pods');
  const labelSelector = `time=${c.namespace}`;
  const before = await pods.list({ labelSelector });
  expect(before.items).toEqual([]);
  const { resourceVersion } = before.metadata;
  using watch = await pods.watch({ labelSelector, resourceVersion });

  const { metadata } = await pods.create({
    metadata: { name: 'pod-submit-remove', labels: { time: c.namespace } },
    spec: { containers: [pause] },
  });
  expect((await pods.list({ labelSelector })).items).toHaveLength(1);
  await watch.until('created', ({ type }) => type === 'ADDED');
  await waitUntilReady(pods, metadata.name);

  const deleted = await pods.delete(metadata.name, { gracePeriodSeconds: 30 });
  expect((deleted as Pod).metadata?.deletionTimestamp).toBeDefined();
  const last = await watch.until('deleted', ({ type }) => type === 'DELETED', 120_000);
  expect(last.object.metadata.deletionTimestamp).toBeDefined();
  expect(last.object.spec.terminationGracePeriodSeconds).toBeGreaterThan(0);
  expect((await pods.list({ labelSelector })).items).toEqual([]);
});

conformance('[sig-node] Pods should be updated', async (c) => {
  const pods = c.in<Pod>('v1', 'pods');
  await run(c, {
    metadata: { name: 'pod-update', labels: { name: 'foo', time: 'before' } },
    spec: { containers: [pause] },
  });
  expect((await pods.list({ labelSelector: 'time=before' })).items).toHaveLength(1);
  await pods.update('pod-update', ({ metadata }) => {
    metadata.labels = { ...metadata.labels, time: 'after' };
  });
  await waitFor(pods, 'pod-update', 'runs', ({ status }) => status.phase === 'Running');
  expect((await pods.list({ labelSelector: 'time=after' })).items).toHaveLength(1);
});

conformance('[sig-node] Pods should allow activeDeadlineSeconds to be updated', async (c) => {
  const pods = c.in<Pod>('v1', 'pods');
  await run(c, {
    metadata: { name: 'pod-update-activedeadlineseconds' },
    spec: { containers: [pause] },
  });
  await pods.update('pod-update-activedeadlineseconds', ({ spec }) => {
    spec.activeDeadlineSeconds = 5;
  });
  const { status } = await waitFor(
    pods,
    'pod-update-activedeadlineseconds',
    'has ended',
    (pod) => pod.status.phase === 'Failed',
  );
  expect(status.reason).toBe('DeadlineExceeded');
});

conformance('[sig-node] Pods should contain environment variables for services', async (c) => {
  const pods = c.in<Pod>('v1', 'pods');
  await pods.create({
    metadata: { name: 'server-envvars', labels: { name: 'server-envvars' } },
    spec: {
      containers: [
        {
          name: 'srv',
          image: images.agnhost,
          args: ['serve-hostname', '--port', '9376'],
          ports: [{ containerPort: 9376 }],
        },
      ],
    },
  });
  await waitUntilReady(pods, 'server-envvars');
  await c.in<Service>('v1', 'services').create({
    metadata: { name: 'fooservice', labels: { name: 'fooservice' } },
    spec: { ports: [{ port: 8765, targetPort: 8080 }], selector: { name: 'server-envvars' } },
  });
  const wanted = [
    'FOOSERVICE_SERVICE_HOST=',
    'FOOSERVICE_SERVICE_PORT=',
    'FOOSERVICE_PORT=',
    'FOOSERVICE_PORT_8765_TCP_PORT=',
    'FOOSERVICE_PORT_8765_TCP_PROTO=',
    'FOOSERVICE_PORT_8765_TCP=',
    'FOOSERVICE_PORT_8765_TCP_ADDR=',
  ];
  // The kubelet may learn of the Service a little later than the Pod begins.
  await until(
    'the variables of the Service',
    async () => {
      const name = `client-envvars-${Math.random().toString(36).slice(2, 8)}`;
      const output = await outputOf(c, {
        metadata: { name },
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'env3cont', image: images.busybox, command: ['sh', '-c', 'env'] }],
        },
      });
      return wanted.every((start) => output.split('\n').some((line) => line.startsWith(start)));
    },
    180_000,
  );
});

conformance(
  '[sig-node] Pods should support remote command execution over websockets',
  async (c) => {
    await run(c, talking('pod-exec-websocket'));
    const query = new URLSearchParams([
      ['stderr', '1'],
      ['stdout', '1'],
      ['container', 'main'],
      ['command', 'echo'],
      ['command', 'remote execution test'],
    ]);
    const path = `${c.in('v1', 'pods').path}/pod-exec-websocket/exec?${query}`;
    await until(
      'the output of the command',
      async () => {
        const messages = await messagesOf(c.api, path, ['v4.channel.k8s.io']);
        const stdout = messages.filter((message) => message[0] === 1 && message.length > 1);
        const others = messages.filter((message) => message[0] !== 1 && message[0] !== 3);
        expect(others.filter(({ length }) => length > 1)).toEqual([]);
        const text = Buffer.concat(stdout.map((message) => message.subarray(1))).toString();
        expect(text).toContain('remote execution test');
        return true;
      },
      60_000,
    );
  },
);

conformance(
  '[sig-node] Pods should support retrieving logs from the container over websockets',
  async (c) => {
    await run(c, talking('pod-logs-websocket'));
    const path = `${c.in('v1', 'pods').path}/pod-logs-websocket/log?container=main`;
    await until(
      'the log',
      async () => {
        const messages = await messagesOf(c.api, path, ['binary.k8s.io']);
        expect(Buffer.concat([...messages]).toString()).toBe('container is alive\n');
        return true;
      },
      60_000,
    );
  },
);

conformance('[sig-node] Pods should delete a collection of pods', async (c) => {
  const pods = c.in<Pod>('v1', 'pods');
  const labelSelector = 'type=Testing';
  for (const number of [1, 2, 3]) {
    await pods.create({
      metadata: { name: `test-pod-${number}`, labels: { type: 'Testing' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'token-test', image: images.agnhost }],
        restartPolicy: 'Never',
      },
    });
  }
  await until(
    'three Pods run',
    async () => {
      const { items } = await pods.list({ labelSelector });
      return items.filter(({ status }) => status.phase === 'Running').length === 3;
    },
    180_000,
  );
  await pods.deleteCollection({ labelSelector });
  await until(
    'no Pod is left',
    async () => (await pods.list({ labelSelector })).items.length === 0,
    90_000,
  );
});

conformance('[sig-node] Pods should patch a pod status', async (c) => {
  const pods = c.in<Pod>('v1', 'pods');
  await run(c, {
    metadata: { name: 'pod-patch', labels: { e2e: c.namespace } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'agnhost', image: images.agnhost }],
    },
  });
  const { items } = await c.all<Pod>('v1', 'pods').list({ labelSelector: `e2e=${c.namespace}` });
  expect(items).toHaveLength(1);
  const patched = await pods.patch(
    'pod-patch',
    {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { message: 'Patched by e2e test', reason: 'E2E' },
    },
    { subresource: 'status' },
  );
  expect(patched.metadata.annotations).toMatchObject({ patchedstatus: 'true' });
  expect(patched.status).toMatchObject({ message: 'Patched by e2e test', reason: 'E2E' });
});

conformance('[sig-node] Pods should run through the lifecycle of Pods and PodStatus', async (c) => {
  const pods = c.in<Pod>('v1', 'pods');
  const name = 'pod-test';
  const labelSelector = `test-pod-static=${c.namespace}`;
  const { resourceVersion } = (await pods.list({ labelSelector })).metadata;
  using watch = await pods.watch({ labelSelector, resourceVersion });
  await pods.create({
    metadata: { name, labels: { 'test-pod-static': c.namespace } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name, image: images.agnhost }],
    },
  });
  await watch.until('added', ({ type }) => type === 'ADDED');
  await watch.until(
    'running and ready',
    ({ type, object }) =>
      type === 'MODIFIED' && object.status.phase === 'Running' && isReady(object),
    300_000,
  );

  await pods.patch(name, {
    metadata: { labels: { 'test-pod': 'patched' } },
    spec: { containers: [{ name, image: images.pause }] },
  });
  await watch.until(
    'the patched label and image',
    ({ type, object }) =>
      type === 'MODIFIED' &&
      object.metadata.labels?.['test-pod'] === 'patched' &&
      object.spec.containers[0]!.image === images.pause,
  );
  const pod = await waitUntilReady(pods, name);
  expect(pod.metadata.labels).toMatchObject({ 'test-pod': 'patched' });

  const written = await until('the status is written', async () => {
    const current = await pods.get(name, 'status');
    for (const condition of current.status.conditions!) {
      if (condition.type === 'Ready') condition.status = 'False';
    }
    return pods.replace(current, 'status');
  });
  expect(isReady(written)).toBe(false);

  await pods.deleteCollection({ labelSelector });
  await watch.until('deleted', ({ type }) => type === 'DELETED', 120_000);
  await waitUntilGone(pods, name);
});

conformance(
  '[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const amounts = { cpu: '100m', memory: '100Mi' };
    await pods.create({
      metadata: { name: 'pod-qos-class', labels: { name: 'foo' } },
      spec: {
        containers: [
          {
            name: 'agnhost',
            image: images.agnhost,
            args: ['pause'],
            resources: { limits: amounts, requests: amounts },
          },
        ],
      },
    });
    expect((await pods.get('pod-qos-class')).status.qosClass).toBe('Guaranteed');
  },
);

function talking(name: string): Pod {
  return {
    metadata: { name },
    spec: {
      containers: [
        {
          name: 'main',
          image: images.busybox,
          command: ['/bin/sh', '-c', 'echo container is alive; sleep 600'],
        },
      ],
    },
  };
}
