import type { ConfigMap, Node, Pod, Secret } from 'kubernetes-types/core/v1.js';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Api, IssueToken, NodeAgent } from '../api.ts';
import type { ProbeFacts } from '../faults/fault.ts';
import { hasNamespaces, type Level, type NodeNetwork } from '../network/index.ts';
import { nodeAgent } from './agent.ts';
import { kubeletEvents, podEvents } from './events.ts';
import { containerPath } from './container-path.ts';
import type { ImageBook } from './image-book.ts';
import { Metrics, type NodeMetrics, type PodMetrics } from './metrics.ts';
import { registerNode } from './node-object.ts';
import type { NodeContext } from './pod/pod-context.ts';
import { PodWorker } from './pod/pod-worker.ts';
import { clearLeftovers } from './runtime/leftovers.ts';
import { openMemoryCgroups } from './runtime/memory-cgroups.ts';
import { openLoopback } from './runtime/loopback.ts';
import { openNamespaces } from './runtime/namespaces.ts';
import type { Runtime } from './runtime/runtime.ts';

export type { ImageCatalogue } from './images.ts';
export { ImageBook } from './image-book.ts';
export type { NodeMetrics, PodMetrics } from './metrics.ts';

export interface KubeletOptions {
  readonly api: Api;
  readonly network: NodeNetwork;
  readonly nodeName: string;
  /** The node's own directory; Pods live below it, and what they leave is removed with them. */
  readonly directory: string;
  readonly runtime: Runtime;
  readonly images: ImageBook;
  /** Whether a probe is to fail whatever the container says. */
  readonly failsProbe?: (facts: ProbeFacts) => boolean;
  /** Variables every process of the cluster carries, for a reaper to know it by. */
  readonly marker?: Readonly<Record<string, string>>;
  /** For the tokens that Pods mount; without it they get none. */
  readonly issueToken?: IssueToken;
  /** Where the cluster's DNS answers; `10.96.0.10` unless said otherwise. */
  readonly clusterDns?: string;
  readonly onError: (error: unknown) => void;
}

/**
 * What all kubelets of a machine have in common; made once, because /dev can be taken over once.
 * `secret`: directories that containers do not see, where the level can hide them.
 */
export async function openRuntime(
  level: Level,
  { directory, secret }: { readonly directory: string; readonly secret: readonly string[] },
): Promise<Runtime> {
  return hasNamespaces(level)
    ? await openNamespaces(directory, { level, secret })
    : openLoopback(level);
}

/** Runs the Pods bound to its node; disposing ends them all at once. */
export interface Kubelet extends AsyncDisposable, NodeAgent {
  /** SIGKILL to a container's first process; false when it does not run here. */
  kill(pod: Pod, container: string): boolean;
  /** What the running containers of this node use: metrics.k8s.io's numbers. */
  podMetrics(): readonly PodMetrics[];
  nodeMetrics(): NodeMetrics;
}

/** Registers the node, Ready, and runs every Pod that is bound to it. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { api, network, nodeName, runtime, onError } = options;
  const { level } = runtime;
  const directory = join(options.directory, 'pods');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await clearLeftovers(directory);
  await using given = new AsyncDisposableStack();
  const record = kubeletEvents(api, nodeName);
  const marker = { ...options.marker, ...markerOf(process.env) };
  const allocatable = () => api.get<Node>('nodes', { name: nodeName })?.status?.allocatable ?? {};
  const node: NodeContext = {
    api,
    nodeName,
    allocatable,
    issueToken: options.issueToken,
    clusterDns: options.clusterDns ?? '10.96.0.10',
    cgroups: level === 'namespaces' ? openMemoryCgroups(cgroupName(marker)) : undefined,
    network,
    runtime,
    recordEvent: podEvents(record),
    images: options.images,
    failsProbe: options.failsProbe ?? (() => false),
    directory,
    path: containerPath(),
    marker,
    onError,
  };
  given.use(
    registerNode({
      api,
      nodeName,
      nodeAddress: network.nodeAddress,
      podCidr: network.podCidr,
      level,
      directory,
      images: Object.keys(options.images.all),
      record,
      onError,
    }),
  );

  const workers = new Map<string, PodWorker>();
  const seen = (pod: Pod, isGone: boolean): void => {
    const { uid = '' } = pod.metadata ?? {};
    const worker = workers.get(uid);
    if (isGone) worker?.forget();
    else if (worker) worker.update(pod);
    else if (pod.spec?.nodeName === nodeName)
      workers.set(uid, new PodWorker(pod, { node, onGone: () => workers.delete(uid) }));
  };
  given.defer(async () => {
    await Promise.all([...workers.values()].map((worker) => worker.stop()));
  });
  given.use(api.watch<Pod>('pods', (event) => seen(event.object, event.type === 'DELETED')));
  // Volumes show changes at once; env does not, as upstream.
  for (const resource of ['configmaps', 'secrets'] as const)
    given.use(
      api.watch<ConfigMap | Secret>(resource, ({ object: { metadata } }) => {
        for (const worker of workers.values())
          if (worker.pod.metadata?.namespace === metadata?.namespace)
            worker.objectChanged(resource, metadata?.name ?? '');
      }),
    );
  const taken = given.move();
  const metrics = new Metrics();
  return {
    podMetrics: () => metrics.pods(workers.values()),
    nodeMetrics: () => metrics.node(),
    ...nodeAgent((pod) => workers.get(pod.metadata?.uid ?? '')),
    kill(pod, container) {
      const { runs = [] } = workers.get(pod.metadata?.uid ?? '') ?? {};
      const state = runs.find((run) => run.container.name === container)?.state;
      if (state?.kind !== 'running') return false;
      state.process.signal('SIGKILL');
      return true;
    },
    [Symbol.asyncDispose]: () => taken.disposeAsync(),
  };
}

/** Found again by the uid of this start of the cluster; several kubelets of it have one each. */
function cgroupName({ PITSTOP_CLUSTER: cluster }: Readonly<Record<string, string>>): string {
  return [...(cluster === undefined ? [] : [cluster]), randomUUID().slice(0, 8)].join('-');
}

/** What marks the node process marks its children too. */
function markerOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const cluster = env['PITSTOP_CLUSTER'];
  return cluster === undefined ? {} : { PITSTOP_CLUSTER: cluster };
}
