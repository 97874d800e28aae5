import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { Node } from 'kubernetes-types/core/v1.js';
import type { Api } from '../api.ts';
import { type ApiServer, createApiServer, openJournal } from '../apiserver/index.ts';
import { kubernetesVersion } from '../apiserver/kubernetes-version.ts';
import { endpointMetrics } from '../balancer/index.ts';
import { startControllers } from '../controllers/index.ts';
import { startDns } from '../dns/index.ts';
import { FaultTable } from '../faults/fault-table.ts';
import { ImageBook, openRuntime, startKubelet } from '../kubelet/index.ts';
import { reap } from '../launch/reap.ts';
import { clustersDirectory } from '../launch/record.ts';
import { createPodNetwork, hasNamespaces, type PodNetwork } from '../network/index.ts';
import { startScheduler } from '../scheduler/index.ts';
import { controlsOf } from './controls.ts';
import { chooseProxyMode, startDataPlane } from './data-plane.ts';
import { log } from './log.ts';
import type { NodeConfig } from './messages.ts';
import { createNodes } from './nodes.ts';
import type { Outside } from './outside.ts';
import { failed, reconcileFailed } from './reports.ts';

const podCidr = (index: number) => `10.244.${index + 1}.0/24`;
const serviceCidr = '10.96.0.0/12';
const dnsClusterIP = '10.96.0.10';
const apiPort = 6443;

/** Assembles the cluster in this process; resolves when the API answers and all Nodes are Ready. */
export async function startNode(outside: Outside): Promise<AsyncDisposable> {
  const { config, apiSocket } = await outside.started;
  const { level } = config;
  await using parts = new AsyncDisposableStack();
  // A container may have left its process group; a PID namespace it cannot leave.
  if (!hasNamespaces(level)) parts.defer(() => reap(config.uid));

  const journal = config.journalDirectory
    ? parts.use(await openJournal(config.journalDirectory, { onFailed: failed('journal failed') }))
    : undefined;
  const names = nodeNames(config);
  const [proxyMode, runtime] = await Promise.all([
    chooseProxyMode(config, serviceCidr),
    openRuntime(level, { directory: config.dataDirectory, secret: secretsOf(config) }),
  ]);
  parts.use(runtime);
  const network = parts.use(
    await createPodNetwork({
      level,
      podCidrs: names.map((_, index) => podCidr(index)),
      serviceCidr,
      clusterIPs: proxyMode === 'nftables' ? 'translated' : 'listened',
    }),
  );
  const faults = new FaultTable();
  const images = new ImageBook({
    level,
    directory: join(config.dataDirectory, 'images'),
    images: config.images,
  });
  const nodes = createNodes({
    names,
    networks: network.nodes,
    startKubelet: (nodeName, ofNode) =>
      startKubelet({
        api,
        network: ofNode,
        nodeName,
        runtime,
        directory: join(config.dataDirectory, nodeName),
        images,
        failsProbe: (facts) => faults.probe(facts),
        issueToken: server.issueToken,
        onError: failed('kubelet failed'),
      }),
  });
  const server = createApiServer({
    certificates: config.certificates,
    token: config.token,
    ...(config.kubernetesVersion !== undefined && {
      kubernetesVersion: config.kubernetesVersion,
    }),
    advertise: advertised(network, config),
    validationRules: { allowLoopbackEndpoints: !hasNamespaces(level) },
    agent: () => nodes.agent,
    usage: () => nodes,
    faults,
    controls: () => controlsOf({ faults, images, server, nodes }),
    ...(journal && { journal }),
    // Asked when a request comes, and none does before all parts are there.
    metrics: async () => endpointMetrics(await dataPlane.statistics()),
  });
  parts.defer(() => server.close());
  const { api } = server;
  if (network.dns) {
    const hasWayOut = !hasNamespaces(level);
    parts.use(await startDns({ api, ...network.dns, clusterIP: dnsClusterIP, hasWayOut }));
  }

  parts.use(
    startControllers({
      api,
      rootCa: config.certificates.ca,
      issueSecretToken: server.issueSecretToken,
      signCertificate: server.signCertificate,
      volumesDirectory: join(config.dataDirectory, 'volumes'),
      labelsEndpoints: kubernetesVersion(config.kubernetesVersion).labelsEndpoints,
      onError: reconcileFailed('controller failed'),
    }),
  );
  parts.use(startScheduler({ api, onError: reconcileFailed('scheduler failed') }));
  const dataPlane = parts.use(
    startDataPlane({ proxyMode, serviceCidr, api, network, nodeNames: names, config, outside }),
  );
  await parts.use(nodes).start();
  await server.listen(apiSocket);
  if (level !== 'plain') await listenInside(server, network);
  requireReady(api, names);
  log('info', 'cluster ready', {
    cluster: config.name,
    isolation: level,
    nodes: names.length,
    proxyMode,
    server: config.apiServer,
  });
  setTimeout(flushCompileCache, 1000).unref();
  return parts.move();
}

/** Kubeconfigs, the journal, the files of all Pods. */
function secretsOf({ dataDirectory, journalDirectory }: NodeConfig): string[] {
  const journal = journalDirectory === undefined ? [] : [journalDirectory];
  return [clustersDirectory(), dirname(dataDirectory), ...journal];
}

function nodeNames({ name, nodes = 2 }: NodeConfig): readonly string[] {
  return Array.from({ length: nodes }, (_, index) => `${name}-${index + 1}`);
}

/** The backend of Service default/kubernetes. */
function advertised({ level, apiAddress }: PodNetwork, { apiServer }: NodeConfig) {
  // Of one address for all, the socket from outside is the only port that is surely free.
  return { ip: apiAddress, port: level === 'plain' ? Number(new URL(apiServer).port) : apiPort };
}

async function listenInside(server: ApiServer, { apiAddress }: PodNetwork): Promise<void> {
  const inside = createServer().listen({ host: apiAddress, port: apiPort });
  await once(inside, 'listening');
  await server.listen(inside);
}

function requireReady(api: Api, names: readonly string[]): void {
  for (const name of names) {
    const node = api.get<Node>('nodes', { name });
    const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True') {
      throw new Error(`node ${name} is not Ready: ${ready?.message ?? 'it has no condition'}`);
    }
  }
}
