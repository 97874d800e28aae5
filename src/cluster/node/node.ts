import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { createServer } from 'node:net';
import type { Node, Service } from 'kubernetes-types/core/v1.js';
import type { Api } from '../api.ts';
import { createApiServer } from '../apiserver/index.ts';
import { startBalancer } from '../balancer/index.ts';
import { systemClock } from '../controllers/clock.ts';
import { eventRecorder } from '../controllers/event-recorder.ts';
import { startControllers } from '../controllers/index.ts';
import { type Kubelet, startKubelet } from '../kubelet/index.ts';
import { reap } from '../launch/reap.ts';
import { createPodNetwork, hasNamespaces } from '../network/index.ts';
import { startScheduler } from '../scheduler/index.ts';
import { log } from './log.ts';
import type { Outside } from './outside.ts';

const podCidr = '10.244.1.0/24';
const serviceCidr = '10.96.0.0/12';
const apiPort = 6443;

/** Assembles the cluster in this process; resolves when the API answers and the Node is Ready. */
export async function startNode(outside: Outside): Promise<AsyncDisposable> {
  const { config, apiSocket } = await outside.started;
  const { level, name: nodeName } = config;
  await using parts = new AsyncDisposableStack();
  // A container may have left its process group; a PID namespace it cannot leave.
  if (!hasNamespaces(level)) parts.defer(() => reap(config.uid));

  const network = parts.use(await createPodNetwork({ level, podCidr, serviceCidr }));
  let kubelet: Kubelet | undefined;
  const server = createApiServer({
    certificates: config.certificates,
    token: config.token,
    // Of one address for all, the socket from outside is the only port that is surely free.
    advertise: {
      ip: network.nodeAddress,
      port: level === 'plain' ? Number(new URL(config.apiServer).port) : apiPort,
    },
    validationRules: { allowLoopbackEndpoints: !hasNamespaces(level) },
    agent() {
      if (!kubelet) throw new Error('the kubelet has not started yet');
      return kubelet;
    },
  });
  parts.defer(() => server.close());
  const { api } = server;

  parts.use(
    startControllers({
      api,
      rootCa: config.certificates.ca,
      onError: reconcileFailed('controller'),
    }),
  );
  parts.use(startScheduler({ api, onError: reconcileFailed('scheduler') }));
  parts.use(
    startBalancer({
      api,
      network,
      proxyFollows: config.proxyFollows,
      openNodePort: (port) => outside.openNodePort(port),
      failed: reportOn(api),
    }),
  );
  kubelet = parts.use(
    await startKubelet({
      api,
      network,
      nodeName,
      level,
      directory: config.dataDirectory,
      images: config.images,
      onError: (error) => log('error', 'kubelet failed', { error: textOf(error) }),
    }),
  );
  await server.listen(apiSocket);
  if (level !== 'plain') {
    // The same API for Pods, behind the Service default/kubernetes.
    const inside = createServer().listen({ host: network.nodeAddress, port: apiPort });
    await once(inside, 'listening');
    await server.listen(inside);
  }
  requireReady(api, nodeName);
  log('info', 'cluster ready', {
    cluster: config.name,
    isolation: level,
    server: config.apiServer,
  });
  setTimeout(flushCompileCache, 1000).unref();
  return parts.move();
}

function requireReady(api: Api, nodeName: string): void {
  const node = api.get<Node>('nodes', { name: nodeName });
  const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') {
    throw new Error(`node ${nodeName} is not Ready: ${ready?.message ?? 'it has no condition'}`);
  }
}

function reconcileFailed(msg: string) {
  return (controller: string, key: string, error: unknown) =>
    log('error', `${msg} failed`, { controller, key, error: textOf(error) });
}

function reportOn(api: Api) {
  const record = eventRecorder(api, systemClock, 'kube-proxy');
  return (service: Service, message: string) => {
    const { namespace, name } = service.metadata ?? {};
    log('warn', 'service cannot be reached', { service: `${namespace}/${name}`, reason: message });
    record({ ...service, apiVersion: 'v1', kind: 'Service' }, 'Warning', 'FailedToListen', message);
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
