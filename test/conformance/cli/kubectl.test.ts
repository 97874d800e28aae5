import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { waitFor, waitUntilRunning } from '../support/pods.ts';
import { until } from '../support/until.ts';

conformance(
  '[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions',
  async (c) => {
    expect((await c.kubectl(['api-versions'])).split('\n')).toContain('v1');
  },
);

conformance(
  '[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info',
  async (c) => {
    const output = await c.kubectl(['cluster-info']);
    expect(output).toContain('Kubernetes control plane');
    expect(output).toContain('is running at');
  },
);

conformance(
  '[sig-cli] Kubectl client Kubectl version should check is all data is printed',
  async (c) => {
    const output = await c.kubectl(['version']);
    expect(output).toMatch(/^Client Version: \S*v?\d+\.\d+/m);
    expect(output).toMatch(/^Server Version: \S*v?\d+\.\d+/m);
  },
);

conformance(
  '[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments',
  async (c) => {
    const manifest = (image: string) =>
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'httpd-deployment', labels: { app: 'httpd' } },
        spec: {
          selector: { matchLabels: { app: 'httpd' } },
          replicas: 1,
          template: {
            metadata: { labels: { app: 'httpd' } },
            spec: { containers: [{ name: 'httpd', image }] },
          },
        },
      });
    await c.kubectl(['create', '-f', '-'], manifest(images.httpd));
    const diff = await c.kubectlResult(['diff', '-f', '-'], manifest(images.busybox));
    expect(diff.code, diff.stderr).toBe(1);
    expect(diff.stdout).toContain(`-      - image: ${images.httpd}`);
    expect(diff.stdout).toContain(`+      - image: ${images.busybox}`);
  },
);

conformance(
  '[sig-cli] Kubectl client Kubectl label should update the label on a resource',
  async (c) => {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pause', labels: { name: 'pause' } },
      spec: { containers: [{ name: 'pause', image: images.agnhost, args: ['pause'] }] },
    };
    await c.kubectl(['create', '-f', '-'], JSON.stringify(pod));
    await waitUntilRunning(c.in<Pod>('v1', 'pods'), 'pause');
    const shown = () => c.kubectl(['get', 'pod', 'pause', '-L', 'testing-label']);
    await c.kubectl(['label', 'pods', 'pause', 'testing-label=testing-label-value']);
    expect(await shown()).toContain('testing-label-value');
    await c.kubectl(['label', 'pods', 'pause', 'testing-label-']);
    expect(await shown()).not.toContain('testing-label-value');
  },
);

conformance(
  '[sig-cli] Kubectl client Kubectl run pod should create a pod from an image when restart is Never',
  async (c) => {
    await c.kubectl([
      'run',
      'e2e-test-httpd-pod',
      '--restart=Never',
      '--pod-running-timeout=2m0s',
      `--image=${images.httpd}`,
    ]);
    const { spec } = await c.in<Pod>('v1', 'pods').get('e2e-test-httpd-pod');
    expect(spec.containers.map(({ image }) => image)).toEqual([images.httpd]);
    expect(spec.restartPolicy).toBe('Never');
  },
);

conformance(
  "[sig-cli] Kubectl client Kubectl replace should update a single-container pod's image",
  async (c) => {
    const name = await runHttpd(c);
    const pod = await c.kubectl(['get', 'pod', name, '-o', 'json']);
    await c.kubectl(['replace', '-f', '-'], pod.replace(images.httpd, images.busybox));
    const { spec } = await c.in<Pod>('v1', 'pods').get(name);
    expect(spec.containers[0]!.image).toBe(images.busybox);
  },
);

conformance(
  '[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods',
  async (c) => {
    const name = await runHttpd(c);
    const patch = { spec: { containers: [{ name, image: images.busybox }] } };
    await c.kubectl(['patch', 'pod', name, '-p', JSON.stringify(patch), '--dry-run=server']);
    const { spec } = await c.in<Pod>('v1', 'pods').get(name);
    expect(spec.containers[0]!.image).toBe(images.httpd);
  },
);

conformance('[sig-cli] Kubectl logs logs should be able to retrieve and filter logs', async (c) => {
  const name = 'logs-generator';
  const flags = ['--log-lines-total', '100', '--run-duration', '20s'];
  await c.kubectl([
    'run',
    name,
    `--image=${images.agnhost}`,
    '--restart=Never',
    '--',
    name,
    ...flags,
  ]);
  await waitFor(
    c.in<Pod>('v1', 'pods'),
    name,
    'has started',
    ({ status }) => status.phase !== 'Pending',
  );
  const logs = (...options: string[]) => c.kubectl(['logs', name, name, ...options]);
  await until('a line of log', async () => (await logs()).length > 0);

  expect(lines(await logs('--tail=1'))).toHaveLength(1);
  expect(await logs('--limit-bytes=1')).toHaveLength(1);
  const stamped = lines(await logs('--tail=1', '--timestamps'));
  expect(stamped).toHaveLength(1);
  expect(stamped[0]!.split(' ')[0]).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  );

  // Longer than the second below, so that the log has older lines.
  await sleep(2500);
  const recent = lines(await logs('--since=1s')).length;
  const older = lines(await logs('--since=24h')).length;
  expect(recent).toBeLessThan(older);
});

async function runHttpd(c: Conformance): Promise<string> {
  const name = 'e2e-test-httpd-pod';
  await c.kubectl([
    'run',
    name,
    `--image=${images.httpd}`,
    `--labels=run=${name}`,
    '--pod-running-timeout=2m0s',
  ]);
  await waitUntilRunning(c.in<Pod>('v1', 'pods'), name);
  return name;
}

function lines(output: string): string[] {
  return output.split('\n').filter((line) => line !== '');
}
