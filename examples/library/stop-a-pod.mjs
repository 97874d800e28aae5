// The whole pit stop as a library call: an embedded cluster, two Pods behind a Service, one of them
// taken out, a command run in it, its file brought home, the Pod back in service.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, runSession } from 'kubectl-pitstop';
import { Cluster } from 'kubectl-pitstop/cluster';

const directory = await mkdtemp(join(tmpdir(), 'pitstop-example-'));
await using cleanUp = new AsyncDisposableStack();
cleanUp.defer(() => rm(directory, { recursive: true, force: true }));

const cluster = cleanUp.use(
  await Cluster.start({ name: `example-${process.pid}`, directory: join(directory, 'cluster') }),
);
const kube = cleanUp.use(await connect({ kubeconfig: cluster.kubeconfigPath }));

const namespace = 'default';
const labels = { app: 'web' };
const server = `require('http').createServer((_, r) => r.end('ok')).listen(8080, process.env.POD_IP)`;
await kube.create('deployments', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'host',
            command: ['node', '-e', server],
            env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
            readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
          },
        ],
        terminationGracePeriodSeconds: 1,
      },
    },
  },
});
await kube.create('services', {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace },
  spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
});
while (!(await bothReady())) await sleep(100);

const session = await runSession(
  kube,
  {
    target: 'deploy/web',
    namespace,
    command: ['sh', '-c', 'cat /proc/net/dev > @DIR/network.txt'],
    collect: ['@DIR/network.txt'],
    output: `${directory}/`,
  },
  { onEvent: (event) => 'step' in event && console.error(event.type, event.step) },
);
const { phase, podOut, isolation, artifact } = session.status;
console.log(
  JSON.stringify({ phase, podOut, connections: isolation.connections, artifact }, null, 2),
);
if (phase !== 'Succeeded') process.exitCode = 1;

async function bothReady() {
  const pods = await kube.list('pods', { namespace });
  const ready = pods.filter((pod) =>
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  return ready.length === 2;
}
