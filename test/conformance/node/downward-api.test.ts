import type { EnvVar, ResourceRequirements } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { outputOf } from '../support/pods.ts';

const address = String.raw`(?:\d+\.\d+\.\d+\.\d+|[\da-f:]+)`;

conformance(
  '[sig-node] Downward API should provide pod name, namespace and IP address as env vars',
  async (c) => {
    const output = await printed(c, [
      field('POD_NAME', 'metadata.name'),
      field('POD_NAMESPACE', 'metadata.namespace'),
      field('POD_IP', 'status.podIP'),
    ]);
    expect(output).toMatch(/^POD_NAME=downward-api$/m);
    expect(output).toMatch(new RegExp(`^POD_NAMESPACE=${c.namespace}$`, 'm'));
    expect(output).toMatch(new RegExp(`^POD_IP=${address}$`, 'm'));
  },
);

conformance('[sig-node] Downward API should provide host IP as an env var', async (c) => {
  const output = await printed(c, [field('HOST_IP', 'status.hostIP')]);
  expect(output).toMatch(new RegExp(`^HOST_IP=${address}$`, 'm'));
});

conformance('[sig-node] Downward API should provide hostIPs as an env var', async (c) => {
  const output = await printed(c, [field('HOST_IPS', 'status.hostIPs')]);
  expect(output).toMatch(new RegExp(`^HOST_IPS=${address}(,${address})*$`, 'm'));
});

conformance('[sig-node] Downward API should provide pod UID as env vars', async (c) => {
  const output = await printed(c, [field('POD_UID', 'metadata.uid')]);
  expect(output).toMatch(/^POD_UID=[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/m);
});

conformance(
  "[sig-node] Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars",
  async (c) => {
    const output = await printed(
      c,
      [
        resource('CPU_LIMIT', 'limits.cpu'),
        resource('MEMORY_LIMIT', 'limits.memory'),
        resource('CPU_REQUEST', 'requests.cpu'),
        resource('MEMORY_REQUEST', 'requests.memory'),
      ],
      {
        requests: { cpu: '250m', memory: '32Mi' },
        limits: { cpu: '1250m', memory: '64Mi' },
      },
    );
    // CPUs are rounded up to whole ones.
    expect(output.split('\n')).toEqual(
      expect.arrayContaining([
        'CPU_LIMIT=2',
        'MEMORY_LIMIT=67108864',
        'CPU_REQUEST=1',
        'MEMORY_REQUEST=33554432',
      ]),
    );
  },
);

conformance(
  '[sig-node] Downward API should provide default limits.cpu/memory from node allocatable',
  async (c) => {
    const output = await printed(c, [
      resource('CPU_LIMIT', 'limits.cpu'),
      resource('MEMORY_LIMIT', 'limits.memory'),
    ]);
    expect(output).toMatch(/^CPU_LIMIT=[1-9]/m);
    expect(output).toMatch(/^MEMORY_LIMIT=[1-9]/m);
  },
);

function printed(c: Conformance, env: EnvVar[], resources?: ResourceRequirements): Promise<string> {
  return outputOf(c, {
    metadata: { name: 'downward-api' },
    spec: {
      containers: [
        {
          name: 'dapi-container',
          image: images.busybox,
          command: ['sh', '-c', 'env'],
          env,
          ...(resources && { resources }),
        },
      ],
      restartPolicy: 'Never',
    },
  });
}

function field(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}

function resource(name: string, path: string): EnvVar {
  return { name, valueFrom: { resourceFieldRef: { resource: path } } };
}
