import type { Pod, PodTemplateSpec, Service } from 'kubernetes-types/core/v1.js';
import { inServiceCondition } from '../../src/engine/plan/routes/gate.ts';
import type { RouteName } from '../../src/engine/index.ts';
import type { Kube, KubeObject, ResourceName } from '../../src/kube/index.ts';
import { readyPods } from './my-api.ts';
import { nameOf } from './small-app.ts';
import { until } from './until.ts';

const ownerResources = {
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Pod: 'pods',
} as const satisfies Record<string, ResourceName>;

export type TrafficOwner = keyof typeof ownerResources;

/**
 * Answers with its Pod's name and remembers when each request came; keeps connections open for as
 * long as the client likes. `/drain` makes it end each with its next answer, as does SIGTERM.
 */
const server = `
const arrivals = [];
let isDraining = false;
const server = require('http').createServer((request, response) => {
  if (request.url === '/healthz') return response.end();
  if (request.url === '/arrivals') return response.end(JSON.stringify(arrivals));
  if (request.url === '/drain' || request.url === '/undrain') {
    isDraining = request.url === '/drain';
    return response.end();
  }
  arrivals.push(Date.now());
  if (isDraining) response.setHeader('Connection', 'close');
  response.setHeader('X-Pod', require('os').hostname());
  response.end('ok');
});
server.keepAliveTimeout = 600000;
server.listen(8080);
process.on('SIGTERM', () => {
  isDraining = true;
  setTimeout(() => process.exit(), 4000);
});`;

export interface TrafficApp {
  readonly namespace: string;
  /** Of the Service, on 127.0.0.1. */
  readonly nodePort: number;
  /** Names of the Pods, oldest first. */
  readonly pods: readonly string[];
}

/** Two Pods of that owner (`Pod`: of none) behind a Service, with what the route needs of them. */
export async function deployTrafficApp(
  kube: Kube,
  options: {
    readonly namespace: string;
    readonly owner: TrafficOwner;
    readonly route: Exclude<RouteName, 'none'>;
  },
): Promise<TrafficApp> {
  const { namespace, owner, route } = options;
  const labels = { app: 'web', ...(route === 'label' && { traffic: 'on' }) };
  await kube.create('namespaces', { metadata: { name: namespace } });
  await kube.create('services', {
    metadata: { name: 'web', namespace },
    spec: {
      type: 'NodePort',
      selector: labels,
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    },
  });
  const template: PodTemplateSpec = {
    metadata: { labels },
    spec: {
      terminationGracePeriodSeconds: 10,
      ...(route === 'gate' && { readinessGates: [{ conditionType: inServiceCondition }] }),
      containers: [
        {
          name: 'web',
          image: 'host',
          command: [process.execPath, '-e', server],
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
        },
      ],
    },
  };
  for (const [name, rest] of manifests(owner, template)) {
    const { metadata } = rest as KubeObject;
    await kube.create(ownerResources[owner], {
      ...rest,
      metadata: { ...metadata, name, namespace },
    });
  }
  if (route === 'gate') await openGates(kube, namespace);
  const pods = await readyPods(kube, namespace, 2);
  await until(`service/web of ${namespace} lists both Pods`, async () => {
    const endpoints = await kube.get<{ subsets?: { addresses?: unknown[] }[] }>({
      resource: 'endpoints',
      namespace,
      name: 'web',
    });
    return endpoints?.subsets?.[0]?.addresses?.length === 2;
  });
  const service = await kube.get<Service>({ resource: 'services', namespace, name: 'web' });
  return {
    namespace,
    nodePort: service?.spec?.ports?.[0]?.nodePort ?? 0,
    pods: pods.map(nameOf).toSorted((a, b) => a.localeCompare(b)),
  };
}

function manifests(
  owner: TrafficOwner,
  template: PodTemplateSpec,
): readonly (readonly [name: string, rest: object])[] {
  const selector = { matchLabels: { app: 'web' } };
  switch (owner) {
    case 'Pod':
      return ['web-0', 'web-1'].map((name) => [name, template]);
    case 'DaemonSet':
      return [['web', { spec: { selector, template } }]];
    case 'StatefulSet':
      return [['web', { spec: { replicas: 2, serviceName: 'web', selector, template } }]];
    case 'Deployment':
    case 'ReplicaSet':
      return [['web', { spec: { replicas: 2, selector, template } }]];
  }
}

async function openGates(kube: Kube, namespace: string): Promise<void> {
  const opened = new Set<string>();
  // A StatefulSet starts its second Pod when the first is Ready.
  await until('two Pods to open the gates of', async () => {
    for (const pod of await kube.list<Pod>('pods', { namespace })) {
      const name = nameOf(pod);
      if (opened.has(name)) continue;
      await kube.patch(
        { resource: 'pods', namespace, name },
        { status: { conditions: [{ type: inServiceCondition, status: 'True' }] } },
        { type: 'strategic', subresource: 'status' },
      );
      opened.add(name);
    }
    return opened.size >= 2;
  });
}

/** When requests reached a Pod, in epoch milliseconds, as its own server counted them. */
export async function readArrivals(
  kube: Kube,
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
): Promise<readonly number[]> {
  const program =
    "fetch('http://127.0.0.1:8080/arrivals').then((answer) => answer.text()).then((text) => process.stdout.write(text))";
  const { stdout } = await kube.execText({
    namespace,
    pod,
    container: 'web',
    command: [process.execPath, '-e', program],
    maxBytes: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout) as readonly number[];
}
