import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node, Service } from 'kubernetes-types/core/v1.js';
import { describe, expect, test } from 'vitest';
import { contained, noNamespaces, TestNode } from '../kubelet/test-node.ts';
import { Cluster } from '../launch/cluster.ts';
import { chooseIsolation } from '../launch/isolation.ts';
import { type Level, levels, limitsOf } from '../network/index.ts';

const name = `nodes-${process.pid}`;
const server = `require('http').createServer((q, r) => r.end(process.env.HOSTNAME)).listen(8080, process.env.POD_IP)`;
/** Asks for a name and over HTTP, and says what came. */
const client = `
const { lookup } = require('dns').promises;
const get = (host) => new Promise((resolve, reject) => require('http').get({ host, agent: false }, (r) => r.on('data', (d) => resolve(String(d)))).on('error', reject));
const say = (asked) => asked.catch((error) => error.code);
(async () => {
  const answers = new Set();
  for (let i = 0; i < 20; i++) answers.add(await get('web'));
  console.log(JSON.stringify({
    answers: [...answers].sort(),
    api: (await say(lookup('kubernetes.default'))).address,
    dns: (await say(lookup('kube-dns.kube-system.svc.cluster.local'))).address,
    nobody: await say(lookup('nobody')),
  }));
})();`;

const allowed = await Promise.all(
  levels.map(async (level) => ({
    level,
    skip: await chooseIsolation(level).then(
      () => false,
      () => true,
    ),
  })),
);

async function started(options: { readonly level: Level; readonly proxyMode?: 'userspace' }) {
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-nodes-'));
  const cluster = await Cluster.start({ name, directory: join(directory, 'cluster'), ...options });
  return {
    cluster,
    node: TestNode.of(cluster),
    async [Symbol.asyncDispose]() {
      await cluster.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describe.each(allowed)('level $level', ({ level, skip }) => {
  test.skipIf(skip)('two nodes are Ready and say what they cannot do', async () => {
    await using up = await started({ level });
    const { items } = await up.node.request<{ items: Node[] }>('/api/v1/nodes');
    expect(items.map(({ metadata }) => metadata?.name)).toEqual([`${name}-1`, `${name}-2`]);
    for (const { metadata, status } of items) {
      expect(metadata?.labels?.['pitstop.dev/isolation-level']).toBe(level);
      expect(metadata?.annotations?.['pitstop.dev/isolation-limits']).toBe(limitsOf(level));
      expect(status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Ready', status: 'True' }),
      );
    }
    // kubectl describe cuts what is longer.
    expect(limitsOf(level).length).toBeLessThanOrEqual(140);
    const services = await up.node.request<{ items: Service[] }>(
      '/api/v1/namespaces/kube-system/services',
    );
    expect(services.items.map(({ metadata }) => metadata?.name)).toEqual(
      level === 'plain' ? [] : ['kube-dns'],
    );
  });
});

describe.skipIf(noNamespaces !== undefined)('a cluster of two nodes', () => {
  test.each([undefined, 'userspace'] as const)(
    'in proxy mode %s: Pods of both nodes find each other by the name of their Service',
    async (proxyMode) => {
      await using up = await started({ level: contained, ...(proxyMode && { proxyMode }) });
      const { node } = up;
      for (const [index, pod] of ['one', 'two'].entries()) {
        await node.run(pod, {
          nodeName: `${name}-${index + 1}`,
          containers: [
            {
              name: 'web',
              image: 'host',
              command: ['node', '-e', server],
              readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
            },
          ],
        });
      }
      await node.create('services', {
        metadata: { name: 'web' },
        spec: { ports: [{ port: 80, targetPort: 8080 }] },
      });
      const pods = await Promise.all(['one', 'two'].map((pod) => node.ready(pod)));
      const addresses = pods.map(({ status }) => status?.podIP ?? '');
      expect(addresses).toEqual([
        expect.stringMatching(/^10\.244\.1\./),
        expect.stringMatching(/^10\.244\.2\./),
      ]);
      await node.request('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
        method: 'POST',
        body: {
          metadata: { name: 'web', labels: { 'kubernetes.io/service-name': 'web' } },
          addressType: 'IPv4',
          ports: [{ port: 8080 }],
          endpoints: addresses.map((address) => ({ addresses: [address] })),
        },
      });
      const said = await node.exec('one', ['node', '-e', client]);
      expect(JSON.parse(String(said.stdout))).toEqual({
        answers: ['one', 'two'],
        api: '10.96.0.1',
        dns: '10.96.0.10',
        nobody: 'ENOTFOUND',
      });
    },
  );

  test('a node that is lost is not reached, while the other goes on', async () => {
    await using up = await started({ level: contained });
    const { node, cluster } = up;
    const command = ['sh', '-c', 'while :; do sleep 0.1; done'];
    for (const [index, pod] of ['one', 'two'].entries()) {
      await node.run(pod, {
        nodeName: `${name}-${index + 1}`,
        containers: [{ name: 'main', image: 'host', command }],
      });
      await node.ready(pod);
    }
    await cluster.faults.stopNode(`${name}-2`);
    expect(await node.log('two')).toContain(
      'error dialing backend: dial tcp 10.0.0.12:10250: connect: connection refused',
    );
    expect(await node.shell('one', 'echo here')).toBe('here\n');
    expect((await node.pod('two')).status?.phase).toBe('Running');
    await cluster.faults.startNode(`${name}-2`);
    await expect.poll(() => node.shell('two', 'echo back'), { timeout: 20_000 }).toBe('back\n');
    await expect(cluster.faults.stopNode('nowhere')).rejects.toThrow('nodes "nowhere" not found');
  });
});
