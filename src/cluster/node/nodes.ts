import type { Pod } from 'kubernetes-types/core/v1.js';
import { ApiError } from '../api-error.ts';
import type { NodeAgent } from '../api.ts';
import type { Kubelet, NodeMetrics, PodMetrics } from '../kubelet/index.ts';
import type { NodeNetwork } from '../network/index.ts';

export interface NodesOptions {
  readonly names: readonly string[];
  /** One for each name. */
  readonly networks: readonly NodeNetwork[];
  readonly startKubelet: (name: string, network: NodeNetwork) => Promise<Kubelet>;
}

/** The kubelets of a cluster, and each Pod's by the node it is bound to. */
export interface Nodes extends AsyncDisposable {
  readonly agent: NodeAgent;
  /** SIGKILL to a container's first process; false when it does not run. */
  kill(pod: Pod, container: string): boolean;
  /** What the running Pods of all nodes use. */
  podMetrics(): readonly PodMetrics[];
  /** What each running node uses, by name. */
  nodeMetrics(): ReadonlyMap<string, NodeMetrics>;
  /** Resolves when all that are to run have registered their Node. */
  start(): Promise<void>;
  /**
   * Loses a node's machine, with all that runs on it and no word to the API server, or switches it
   * on again. Throws `ApiError` 404 when there is no node of that name.
   */
  run(name: string, isRunning: boolean): Promise<void>;
}

interface NodeState {
  readonly name: string;
  readonly network: NodeNetwork;
  kubelet?: Kubelet | undefined;
  /** One change after the other. */
  changing: Promise<void>;
}

export function createNodes({ names, networks, startKubelet }: NodesOptions): Nodes {
  const nodes = new Map<string, NodeState>();
  for (const [index, name] of names.entries()) {
    const network = networks[index];
    if (!network) throw new Error(`node ${name} has no network`);
    nodes.set(name, { name, network, changing: Promise.resolve() });
  }

  async function change(node: NodeState, isRunning: boolean): Promise<void> {
    const { kubelet } = node;
    if (isRunning) {
      node.kubelet ??= await startKubelet(node.name, node.network);
    } else {
      node.kubelet = undefined;
      await kubelet?.[Symbol.asyncDispose]();
    }
  }

  function run(name: string, isRunning: boolean): Promise<void> {
    const node = nodes.get(name);
    if (!node) throw new ApiError(404, 'NotFound', `nodes "${name}" not found`);
    node.changing = node.changing.catch(() => {}).then(() => change(node, isRunning));
    return node.changing;
  }

  const runAll = async (isRunning: boolean) => {
    await Promise.all(names.map((name) => run(name, isRunning)));
  };
  return {
    agent: agentOf((pod) => kubeletOf(nodes, pod)),
    kill: (pod, container) =>
      nodes.get(pod.spec?.nodeName ?? '')?.kubelet?.kill(pod, container) ?? false,
    podMetrics: () => [...nodes.values()].flatMap(({ kubelet }) => kubelet?.podMetrics() ?? []),
    nodeMetrics: () =>
      new Map(
        [...nodes.values()].flatMap(({ name, kubelet }) =>
          kubelet ? [[name, kubelet.nodeMetrics()] as const] : [],
        ),
      ),
    start: () => runAll(true),
    run,
    [Symbol.asyncDispose]: () => runAll(false),
  };
}

function kubeletOf(nodes: ReadonlyMap<string, NodeState>, pod: Pod): Kubelet {
  const node = nodes.get(pod.spec?.nodeName ?? '');
  if (node?.kubelet) return node.kubelet;
  // In the words of the API server, which would have called the kubelet by its address.
  const address = node?.network.nodeAddress ?? pod.spec?.nodeName;
  throw new Error(
    `error dialing backend: dial tcp ${address}:10250: connect: ${node ? 'connection refused' : 'no route to host'}`,
  );
}

function agentOf(find: (pod: Pod) => NodeAgent): NodeAgent {
  return {
    exec: async (pod, options) => await find(pod).exec(pod, options),
    attach: async (pod, options) => await find(pod).attach(pod, options),
    logs: async (pod, options) => await find(pod).logs(pod, options),
    portForward: async (pod, port) => await find(pod).portForward(pod, port),
  };
}
