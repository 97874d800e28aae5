import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import {
  isReady,
  logOf,
  outputOf,
  run,
  waitFor,
  waitUntilEnded,
  waitUntilGone,
} from '../support/pods.ts';
import { until } from '../support/until.ts';

conformance(
  '[sig-node] Containers should use the image defaults if command and args are blank',
  async (c) => {
    const pod = await run(c, agnhost({}));
    await until("the log of the image's own command", async () =>
      (await logOf(c.api, pod)).includes('Paused'),
    );
  },
);

conformance(
  "[sig-node] Containers should be able to override the image's default arguments (container cmd)",
  async (c) => {
    const args = ['entrypoint-tester', 'override', 'arguments'];
    const output = await outputOf(c, agnhost({ args }));
    expect(output).toContain('[/agnhost entrypoint-tester override arguments]');
  },
);

conformance(
  "[sig-node] Containers should be able to override the image's default command (container entrypoint)",
  async (c) => {
    const output = await outputOf(c, agnhost({ command: ['/agnhost-2', 'entrypoint-tester'] }));
    expect(output).toContain('[/agnhost-2 entrypoint-tester]');
  },
);

conformance(
  "[sig-node] Containers should be able to override the image's default command and arguments",
  async (c) => {
    const args = ['entrypoint-tester', 'override', 'arguments'];
    const output = await outputOf(c, agnhost({ command: ['/agnhost-2'], args }));
    expect(output).toContain('[/agnhost-2 entrypoint-tester override arguments]');
  },
);

conformance(
  '[sig-node] Container Runtime blackbox test when starting a container that exits should run with the expected status',
  async (c) => {
    // Fails the first time it runs, ends well the second time, and stays the third time.
    const script = `f=/restart-count/restartCount
count=$(echo 'hello' >> $f ; wc -l $f | awk {'print $1'})
if [ $count -eq 1 ]; then exit 1; fi
if [ $count -eq 2 ]; then exit 0; fi
while true; do sleep 1; done`;
    for (const [name, restartPolicy, phase, restarts, state] of [
      ['terminate-cmd-rpa', 'Always', 'Running', 2, 'running'],
      ['terminate-cmd-rpof', 'OnFailure', 'Succeeded', 1, 'terminated'],
      ['terminate-cmd-rpn', 'Never', 'Failed', 0, 'terminated'],
    ] as const) {
      const pods = c.in<Pod>('v1', 'pods');
      await pods.create({
        metadata: { name },
        spec: {
          restartPolicy,
          containers: [
            {
              name,
              image: images.busybox,
              command: ['sh', '-c', script],
              volumeMounts: [{ name: 'restart-count', mountPath: '/restart-count' }],
            },
          ],
          volumes: [{ name: 'restart-count', emptyDir: { medium: 'Memory' } }],
        },
      });
      const count = `has restarted ${restarts} times`;
      await waitFor(
        pods,
        name,
        count,
        ({ status }) => status.containerStatuses?.[0]?.restartCount === restarts,
      );
      await waitFor(pods, name, `is ${phase}`, ({ status }) => status.phase === phase);
      const wanted = restartPolicy === 'Always';
      const pod = await waitFor(
        pods,
        name,
        `is ready: ${wanted}`,
        (one) => isReady(one) === wanted,
      );
      expect(Object.keys(pod.status.containerStatuses![0]!.state!)).toEqual([state]);
      await pods.delete(name, { gracePeriodSeconds: 0 });
      await waitUntilGone(pods, name);
    }
  },
);

conformance(
  '[sig-node] Container Runtime blackbox test on terminated container should report termination message from log output if TerminationMessagePolicy FallbackToLogsOnError is set',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    await pods.create({
      metadata: { name: 'termination-message' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'termination-message-container',
            image: images.busybox,
            command: ['/bin/sh', '-c'],
            args: ['/bin/echo -n DONE; /bin/false'],
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'FallbackToLogsOnError',
          },
        ],
      },
    });
    const { status } = await waitUntilEnded(pods, 'termination-message');
    expect(status.phase).toBe('Failed');
    expect(status.containerStatuses?.[0]?.state?.terminated?.message).toBe('DONE');
  },
);

conformance(
  '[sig-node] Kubelet when scheduling a busybox command in a pod should print the output to logs',
  async (c) => {
    const pod = await run(c, busybox(['sh', '-c', "echo 'Hello World' ; sleep 240"]));
    await until(
      'the output in the log',
      async () => {
        expect(await logOf(c.api, pod)).toBe('Hello World\n');
        return true;
      },
      60_000,
    );
  },
);

conformance(
  '[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const { name } = (await pods.create(busybox(['/bin/false']))).metadata;
    const pod = await waitFor(pods, name, 'has terminated', ({ status }) =>
      Boolean(status.containerStatuses?.[0]?.state?.terminated),
    );
    const terminated = pod.status.containerStatuses![0]!.state!.terminated!;
    expect(terminated.exitCode).not.toBe(0);
    expect(terminated.reason).toBe('Error');
  },
);

conformance(
  '[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete',
  async (c) => {
    const pods = c.in<Pod>('v1', 'pods');
    const { name } = (await pods.create(busybox(['/bin/false']))).metadata;
    await pods.delete(name);
  },
);

conformance(
  '[sig-node] Security Context When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false',
  async (c) => {
    await expectSuccess(c, {
      metadata: { name: 'busybox-readonly-false' },
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'busybox-readonly-false',
            image: images.busybox,
            command: ['sh', '-c', 'touch checkfile'],
            securityContext: { readOnlyRootFilesystem: false },
          },
        ],
      },
    });
  },
);

conformance('[sig-node] Sysctls [LinuxOnly] should reject invalid sysctls', async (c) => {
  const pods = c.in<Pod>('v1', 'pods');
  const pod = busybox(['sh', '-c', 'true']);
  const sysctls = [
    { name: 'foo-', value: 'bar' },
    { name: 'kernel.shmmax', value: '100000000' },
    { name: 'safe-and-unsafe', value: '100000000' },
    { name: 'bar..', value: '42' },
  ];
  const refused = await pods
    .create({ ...pod, spec: { ...pod.spec!, securityContext: { sysctls } } })
    .catch((error: unknown) => error as Error);
  const { message } = refused as Error;
  expect(message).toContain('Invalid value: "foo-"');
  expect(message).toContain('Invalid value: "bar.."');
  expect(message).not.toContain('safe-and-unsafe');
  expect(message).not.toContain('kernel.shmmax');
});

async function expectSuccess(c: Conformance, pod: Pod): Promise<void> {
  const pods = c.in<Pod>('v1', 'pods');
  const { metadata } = await pods.create(pod);
  expect((await waitUntilEnded(pods, metadata.name)).status.phase).toBe('Succeeded');
}

function agnhost(container: Pick<Container, 'command' | 'args'>): Pod {
  return {
    metadata: { name: 'client-containers' },
    spec: {
      containers: [{ name: 'agnhost-container', image: images.agnhost, ...container }],
      restartPolicy: 'Never',
    },
  };
}

function busybox(command: string[]): Pod {
  return {
    metadata: { name: 'busybox-scheduling' },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'busybox-scheduling', image: images.busybox, command }],
    },
  };
}
