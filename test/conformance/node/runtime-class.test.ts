import type { Pod } from 'kubernetes-types/core/v1.js';
import type { RuntimeClass } from 'kubernetes-types/node/v1.js';
import { expect } from 'vitest';
import { ApiFailure } from '../support/api.ts';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { waitFor } from '../support/pods.ts';

const podOf = (runtimeClassName: string): Pod => ({
  metadata: { generateName: `test-runtimeclass-${runtimeClassName}-` },
  spec: {
    runtimeClassName,
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    containers: [{ name: 'test', image: images.busybox, command: ['true'] }],
  },
});

async function createClass(c: Conformance, fields: Partial<RuntimeClass> = {}): Promise<string> {
  const classes = c.all<RuntimeClass>('node.k8s.io/v1', 'runtimeclasses');
  const { metadata } = await classes.create({
    metadata: { name: `${c.namespace}-runtimeclass` },
    handler: 'test-handler',
    ...fields,
  });
  c.cleanUp(async () => {
    if (await classes.find(metadata.name)) await classes.delete(metadata.name);
  });
  return metadata.name;
}

async function expectRejection(c: Conformance, runtimeClassName: string): Promise<void> {
  const error: unknown = await c
    .in<Pod>('v1', 'pods')
    .create(podOf(runtimeClassName))
    .catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ApiFailure);
  expect((error as ApiFailure).code).toBe(403);
}

async function expectScheduled(c: Conformance, runtimeClassName: string): Promise<Pod> {
  const pods = c.in<Pod>('v1', 'pods');
  const { metadata } = await pods.create(podOf(runtimeClassName));
  return waitFor(
    pods,
    metadata.name,
    'is scheduled',
    ({ status }) =>
      status.conditions?.some((one) => one.type === 'PodScheduled' && one.status === 'True') ??
      false,
  );
}

conformance(
  '[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass',
  (c) => expectRejection(c, 'nonexistent'),
);

conformance(
  '[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass',
  async (c) => {
    const name = await createClass(c);
    await c.all<RuntimeClass>('node.k8s.io/v1', 'runtimeclasses').delete(name);
    await expectRejection(c, name);
  },
);

conformance(
  '[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead',
  async (c) => {
    const pod = await expectScheduled(c, await createClass(c));
    expect(pod.spec?.overhead).toBeUndefined();
  },
);

conformance(
  '[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass and initialize its Overhead',
  async (c) => {
    const podFixed = { cpu: '10m', memory: '1Mi' };
    const pod = await expectScheduled(c, await createClass(c, { overhead: { podFixed } }));
    expect(pod.spec?.overhead).toEqual(podFixed);
  },
);
