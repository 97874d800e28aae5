import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { logOf, run, waitFor } from '../support/pods.ts';
import { exec } from '../support/remote.ts';
import type { Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';

conformance(
  '[sig-node] Ephemeral Containers will start an ephemeral container in an existing pod',
  async (c) => {
    await expectDebugger(c);
  },
);

conformance(
  '[sig-node] Ephemeral Containers should update the ephemeral containers in an existing pod',
  async (c) => {
    const { metadata } = await expectDebugger(c);
    const pods = c.in<Pod>('v1', 'pods');
    const before = await pods.get(metadata.name, 'ephemeralcontainers');
    expect(before.spec.ephemeralContainers).toHaveLength(1);

    const pod = await pods.get(metadata.name);
    pod.spec.ephemeralContainers!.push({
      name: 'debugger2',
      image: images.agnhost,
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePolicy: 'File',
    });
    await pods.replace(pod, 'ephemeralcontainers');
    const after = await pods.get(metadata.name, 'ephemeralcontainers');
    expect(after.spec.ephemeralContainers).toHaveLength(2);
  },
);

/** Adds a container to a running Pod, runs a command in it and reads its log. */
async function expectDebugger(c: Conformance): Promise<Stored<Pod>> {
  const pods = c.in<Pod>('v1', 'pods');
  const { metadata } = await run(c, {
    metadata: { name: 'ephemeral-containers-target-pod' },
    spec: {
      containers: [
        {
          name: 'test-container-1',
          image: images.busybox,
          command: ['/bin/sleep'],
          args: ['10000'],
        },
      ],
    },
  });
  const container = {
    name: 'debugger',
    image: images.busybox,
    command: ['/bin/sh', '-c', 'while true; do echo polo; sleep 2; done'],
    stdin: true,
    tty: true,
  };
  await pods.patch(
    metadata.name,
    { spec: { ephemeralContainers: [container] } },
    { subresource: 'ephemeralcontainers' },
  );
  const pod = await waitFor(pods, metadata.name, 'runs its debugger', ({ status }) =>
    Boolean(status.ephemeralContainerStatuses?.[0]?.state?.running),
  );
  const target = { namespace: c.namespace, pod: metadata.name, container: 'debugger' };
  expect((await exec(c.api, target, ['/bin/echo', 'marco'])).stdout).toContain('marco');
  await until('what the debugger prints', async () =>
    (await logOf(c.api, pod, { container: 'debugger' })).includes('polo'),
  );
  return pod;
}
