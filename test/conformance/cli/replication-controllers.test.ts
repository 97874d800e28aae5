import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.js';
import { expect } from 'vitest';
import { type Conformance, conformance } from '../support/conformance.ts';
import { images } from '../support/images.ts';
import { isReady } from '../support/pods.ts';
import type { Stored } from '../support/resource.ts';
import { until } from '../support/until.ts';

const name = 'agnhost-primary';

conformance(
  '[sig-cli] Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods',
  async (c) => {
    const pod = await createController(c);
    await c.kubectl(['create', 'service', 'clusterip', name, '--tcp=6379:6379']);
    const ofPod = await c.kubectl(['describe', 'pod', pod.metadata.name]);
    expectRows(ofPod, [
      ['Name:', name],
      ['Namespace:', c.namespace],
      ['Node:'],
      ['Labels:', 'app=agnhost'],
      ['role=primary'],
      ['Annotations:'],
      ['Status:', 'Running'],
      ['IP:'],
      ['Controlled By:', `ReplicationController/${name}`],
      ['Image:', images.agnhost],
      ['State:', 'Running'],
      ['QoS Class:', 'BestEffort'],
    ]);
    expectRows(await c.kubectl(['describe', 'rc', name]), [
      ['Name:', name],
      ['Namespace:', c.namespace],
      ['Selector:', 'app=agnhost,role=primary'],
      ['Labels:', 'app=agnhost'],
      ['role=primary'],
      ['Annotations:'],
      ['Replicas:', '1 current', '1 desired'],
      ['Pods Status:', '1 Running', '0 Waiting', '0 Succeeded', '0 Failed'],
      ['Pod Template:'],
      ['Image:', images.agnhost],
      ['Events:'],
    ]);
    expectRows(await c.kubectl(['describe', 'service', name]), [
      ['Name:', name],
      ['Namespace:', c.namespace],
      ['Labels:'],
      ['Annotations:'],
      ['Selector:'],
      ['Type:', 'ClusterIP'],
      ['IP:'],
      ['Port:'],
      ['Endpoints:'],
      ['Session Affinity:'],
    ]);
    expectRows(await c.kubectl(['describe', 'node', pod.spec.nodeName!]), [
      ['Name:', pod.spec.nodeName!],
      ['Labels:'],
      ['Annotations:'],
      ['CreationTimestamp:'],
      ['Conditions:'],
      ['Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message'],
      ['Addresses:'],
      ['Capacity:'],
      ['Kubelet Version:'],
      ['Non-terminated Pods:'],
    ]);
    expectRows(await c.kubectl(['describe', 'namespace', c.namespace]), [
      ['Name:', c.namespace],
      ['Labels:'],
      ['Annotations:'],
      ['Status:', 'Active'],
    ]);
  },
);

conformance('[sig-cli] Kubectl client Kubectl expose should create services for rc', async (c) => {
  await createController(c);
  const expose = async (source: readonly string[], service: string, port: number) => {
    await c.kubectl([
      'expose',
      ...source,
      `--name=${service}`,
      `--port=${port}`,
      '--target-port=6379',
    ]);
    await until(`the Endpoints of ${service}`, async () => {
      const endpoints = await c.in<Endpoints>('v1', 'endpoints').find(service);
      const [subset] = endpoints?.subsets ?? [];
      return subset?.addresses?.length === 1 && subset.ports?.[0]?.port === 6379;
    });
    const { spec } = await c.in<Service>('v1', 'services').get(service);
    expect(spec.ports).toMatchObject([{ port, targetPort: 6379 }]);
  };
  await expose(['rc', name], 'rm2', 1234);
  await expose(['service', 'rm2'], 'rm3', 2345);
});

conformance(
  '[sig-cli] Kubectl client Kubectl patch should add annotations for pods in rc',
  async (c) => {
    await createController(c);
    const pods = c.in<Pod>('v1', 'pods');
    for (const { metadata } of (await pods.list({ labelSelector: 'app=agnhost' })).items) {
      const patch = '{"metadata":{"annotations":{"x":"y"}}}';
      await c.kubectl(['patch', 'pod', metadata.name, '-p', patch]);
      expect((await pods.get(metadata.name)).metadata.annotations).toMatchObject({ x: 'y' });
    }
  },
);

/** One replica that listens; resolves with its Pod when that is ready. */
async function createController(c: Conformance): Promise<Stored<Pod>> {
  const labels = { app: 'agnhost', role: 'primary' };
  const controller = {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name, labels },
    spec: {
      replicas: 1,
      selector: labels,
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name,
              image: images.agnhost,
              args: ['netexec', '--http-port', '6379', '--udp-port', '-1'],
              ports: [{ name: 'agnhost-server', containerPort: 6379 }],
            },
          ],
        },
      },
    },
  };
  await c.kubectl(['create', '-f', '-'], JSON.stringify(controller));
  return until(
    'its Pod is ready',
    async () => {
      const { items } = await c.in<Pod>('v1', 'pods').list({ labelSelector: 'app=agnhost' });
      return items.find(isReady);
    },
    180_000,
  );
}

/** Some line begins with each first word and goes on with the others, in their order. */
function expectRows(output: string, rows: readonly (readonly string[])[]): void {
  for (const [first, ...others] of rows) {
    const line = output.split('\n').find((text) => {
      if (!text.trimStart().startsWith(first!)) return false;
      return others.every((word) => text.includes(word));
    });
    expect(line, `${first} ${others.join(' ')} in:\n${output}`).toBeDefined();
  }
}
