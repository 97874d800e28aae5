import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { generateCertificates } from '../../src/cluster/apiserver/index.ts';
import { chooseIsolation } from '../../src/cluster/launch/isolation.ts';
import { openListeningSocket, portOf } from '../../src/cluster/launch/listening-socket.ts';
import { NodeProcess } from '../../src/cluster/launch/node-process.ts';
import { until } from '../support/until.ts';

const TOKEN = 'a-token-for-tests';
const LABELS = { app: 'echo' };
const DEPLOYMENT = {
  metadata: { name: 'echo', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        containers: [
          {
            name: 'echo',
            image: 'host',
            command: [
              'node',
              '-e',
              "require('http').createServer((q, s) => s.end('hello')).listen(8080, process.env.POD_IP)",
            ],
            env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
            readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
};
const SERVICE = {
  metadata: { name: 'echo', namespace: 'default' },
  spec: { type: 'NodePort', selector: LABELS, ports: [{ port: 80, targetPort: 8080 }] },
};

it('a cluster that was killed comes back: same objects, Pods running, Service answering', async () => {
  await using given = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'pitstop-restart-'));
  given.defer(() => rm(directory, { recursive: true, force: true }));
  const certificates = await generateCertificates();
  const agent = new Agent({ ca: certificates.ca });
  given.defer(() => agent.destroy());

  async function start(life: number) {
    const isolation = await chooseIsolation('auto');
    const uid = `restart-${process.pid}-${life}`;
    const node = new NodeProcess({
      uid,
      isolation,
      log: () => {},
    });
    given.defer(async () => {
      node.kill();
      await node.exited;
    });
    const socket = await openListeningSocket(0);
    const port = portOf(socket);
    const dataDirectory = join(directory, `life-${life}`, 'data');
    await mkdir(dataDirectory, { recursive: true });
    await node.start(
      {
        name: 'restart',
        uid,
        level: isolation.level,
        proxyFollows: 'endpointslices',
        dataDirectory,
        journalDirectory: join(directory, 'journal'),
        images: {},
        apiServer: `https://127.0.0.1:${port}`,
        token: TOKEN,
        certificates,
      },
      socket,
    );
    const call = async (method: string, path: string, body?: object): Promise<any> => {
      const text = body && JSON.stringify(body);
      const sent = request({
        host: '127.0.0.1',
        port,
        agent,
        method,
        path,
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      });
      sent.end(text);
      const [response] = await once(sent, 'response');
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return JSON.parse(Buffer.concat(chunks).toString());
    };
    return { node, call };
  }

  const PODS = '/api/v1/namespaces/default/pods?labelSelector=app%3Decho';
  async function readyPods(call: (method: string, path: string) => Promise<any>): Promise<any[]> {
    const { items } = await call('GET', PODS);
    return items.filter((pod: any) =>
      pod.status.conditions?.some(({ type, status }: any) => type === 'Ready' && status === 'True'),
    );
  }
  const answer = async (port: number) =>
    (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) })).text();

  const first = await start(1);
  await first.call('POST', '/apis/apps/v1/namespaces/default/deployments', DEPLOYMENT);
  const service = await first.call('POST', '/api/v1/namespaces/default/services', SERVICE);
  const { nodePort } = service.spec.ports[0];
  await until('two Pods ready', async () => (await readyPods(first.call)).length === 2);
  await until('an answer', async () => (await answer(nodePort)) === 'hello');
  const before = await readyPods(first.call);
  first.node.kill();
  await first.node.exited;

  const second = await start(2);
  const restarted = async () => {
    const pods = await readyPods(second.call);
    const counts = pods.map(({ status }: any) => status.containerStatuses[0].restartCount);
    return pods.length === 2 && counts.every((count) => count > 0);
  };
  await until('the same Pods ready again', restarted, 40_000);
  const after = await readyPods(second.call);
  const uids = (pods: any[]) => new Set(pods.map(({ metadata }: any) => metadata.uid as string));
  expect(uids(after)).toEqual(uids(before));
  const again = await second.call('GET', '/api/v1/namespaces/default/services/echo');
  expect(again.metadata.uid).toBe(service.metadata.uid);
  expect(again.spec.clusterIP).toBe(service.spec.clusterIP);
  await until('an answer', async () => (await answer(nodePort)) === 'hello');
});
