import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { waitFor, waitUntilEnded } from '../support/pods.ts';
import type { Stored } from '../support/resource.ts';

const ok = (name: string): Container => ({ name, image: images.busybox, command: ['/bin/true'] });
const bad = (name: string): Container => ({ name, image: images.busybox, command: ['/bin/false'] });
const resources = { limits: { cpu: '100m' }, requests: { cpu: '100m' } };

conformance(
  '[sig-node] InitContainer should invoke init containers on a RestartNever pod',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    await pods.create(podOf('Never', [ok('init1'), ok('init2')], ok('run1')));
    const pod = await waitUntilEnded(pods, 'pod-init');
    expect(pod.status.phase).toBe('Succeeded');
    expectInitialized(pod);
  },
);

conformance(
  '[sig-node] InitContainer should invoke init containers on a RestartAlways pod',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const run = { name: 'run1', image: images.pause, resources };
    await pods.create(podOf('Always', [ok('init1'), ok('init2')], run));
    const pod = await waitFor(pods, 'pod-init', 'runs', ({ status }) =>
      Boolean(status.containerStatuses?.[0]?.state?.running),
    );
    expect(pod.status.phase).toBe('Running');
    expectInitialized(pod);
  },
);

conformance(
  '[sig-node] InitContainer should not start app containers if init containers fail on a RestartAlways pod',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const run = { name: 'run1', image: images.pause, resources };
    const { resourceVersion } = (
      await pods.create(podOf('Always', [bad('init1'), ok('init2')], run))
    ).metadata;
    using watch = await pods.watch({ fieldSelector: 'metadata.name=pod-init', resourceVersion });
    const seen = await watch.until(
      'the third failure of the first init container',
      ({ object: { status } }) => {
        const [first, second] = status.initContainerStatuses ?? [];
        if (!first || !second) return false;
        // As long as the first one fails nothing after it may have begun.
        expect(second.state?.waiting).toBeDefined();
        expect(second.restartCount).toBe(0);
        const [app] = status.containerStatuses!;
        expect(app!.state?.waiting).toBeDefined();
        return first.restartCount >= 3;
      },
      300_000,
    );
    const { status } = seen.object;
    expect(status.phase).toBe('Pending');
    expect(initialized(seen.object)).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [init1 init2]',
    });
    expect(status.initContainerStatuses).toHaveLength(2);
    expect(status.containerStatuses![0]!.state!.waiting!.reason).toBe('PodInitializing');
  },
  { timeoutMs: 360_000 },
);

conformance(
  '[sig-node] InitContainer should not start app containers and fail the pod if init containers fail on a RestartNever pod',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    await pods.create(podOf('Never', [ok('init1'), bad('init2')], { ...ok('run1'), resources }));
    const pod = await waitUntilEnded(pods, 'pod-init');
    const { status } = pod;
    expect(status.phase).toBe('Failed');
    expect(initialized(pod)).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [init2]',
    });
    const [first, second] = status.initContainerStatuses!;
    expect(first).toMatchObject({ ready: true, state: { terminated: { exitCode: 0 } } });
    expect(second!.ready).toBe(false);
    expect(second!.state!.terminated!.exitCode).not.toBe(0);
    expect(status.containerStatuses![0]!.state!.waiting).toBeDefined();
  },
);

function podOf(restartPolicy: string, initContainers: Container[], container: Container): Pod {
  return {
    metadata: { name: 'pod-init', labels: { name: 'foo' } },
    spec: { restartPolicy, initContainers, containers: [container] },
  };
}

function initialized(pod: Stored<Pod>) {
  return pod.status.conditions?.find(({ type }) => type === 'Initialized');
}

function expectInitialized(pod: Stored<Pod>): void {
  expect(initialized(pod)?.status).toBe('True');
  expect(pod.status.initContainerStatuses).toMatchObject([
    { ready: true, state: { terminated: { exitCode: 0 } } },
    { ready: true, state: { terminated: { exitCode: 0 } } },
  ]);
}
