import type { Node, Pod, Service } from 'kubernetes-types/core/v1.js';
import type { Kube } from '../../kube/index.ts';
import type { Connection } from './sockets.ts';

/** More addresses than anybody reads; each costs a request. */
const mostAddresses = 8;

/**
 * What the addresses of peers are, asked once each: a Pod, a node, a Service that masquerades, or
 * something outside the cluster. What may not be listed stays unnamed.
 */
export class PeerNames {
  readonly #kube: Kube;
  readonly #namespace: string;
  readonly #names = new Map<string, string>();
  readonly #asked = new Set<string>();
  #nodes: Promise<ReadonlyMap<string, string> | undefined> | undefined;
  #services: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(kube: Kube, namespace: string, { spec, status }: Pod) {
    this.#kube = kube;
    this.#namespace = namespace;
    // The Pod's own node is known to who may not list nodes.
    for (const ip of [status?.hostIP, ...(status?.hostIPs ?? []).map((host) => host.ip)]) {
      if (ip && spec?.nodeName) this.#names.set(ip, `node ${spec.nodeName}`);
    }
  }

  /** Everything known about the peers of these connections. Never throws. */
  async of(
    connections: readonly Connection[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const addresses = new Set(connections.map(({ remoteAddress }) => remoteAddress));
    const unknown = [...addresses]
      .filter((address) => !this.#names.has(address) && !this.#asked.has(address))
      .slice(0, Math.max(0, mostAddresses - this.#asked.size));
    await Promise.all(unknown.map((address) => this.#ask(address, signal)));
    return this.#names;
  }

  async #ask(address: string, signal: AbortSignal): Promise<void> {
    this.#asked.add(address);
    this.#nodes ??= this.#readNodes(signal);
    this.#services ??= this.#readServices(signal);
    const [pods, nodes, services] = await Promise.all([
      this.#readPods(address, signal),
      this.#nodes,
      this.#services,
    ]);
    // A hostNetwork Pod has its node's address: the node is the truth then.
    const name = nodes?.get(address) ?? pods.name ?? services.get(address);
    if (name !== undefined) this.#names.set(address, name);
    else if (nodes && pods.all) this.#names.set(address, 'outside the cluster');
  }

  async #readPods(
    address: string,
    signal: AbortSignal,
  ): Promise<{ readonly name: string | undefined; readonly all: boolean }> {
    const fieldSelector = `status.podIP=${address}`;
    const everywhere = await this.#kube
      .list<Pod>('pods', { fieldSelector, signal })
      .catch(() => undefined);
    const pods =
      everywhere ??
      (await this.#kube
        .list<Pod>('pods', { namespace: this.#namespace, fieldSelector, signal })
        .catch(() => []));
    // Addresses of Pods that have ended are given to others.
    const pod = pods.find(({ status }) => status?.phase === 'Running');
    return {
      name: pod && `pod ${pod.metadata?.namespace}/${pod.metadata?.name}`,
      all: everywhere !== undefined,
    };
  }

  async #readNodes(signal: AbortSignal): Promise<ReadonlyMap<string, string> | undefined> {
    const nodes = await this.#kube.list<Node>('nodes', { signal }).catch(() => undefined);
    return (
      nodes &&
      new Map(
        nodes.flatMap(({ metadata, status }) =>
          (status?.addresses ?? []).map(
            ({ address }) => [address, `node ${metadata?.name}`] as const,
          ),
        ),
      )
    );
  }

  async #readServices(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const services = await this.#kube
      .list<Service>('services', { namespace: this.#namespace, signal })
      .catch(() => []);
    return new Map(
      services.flatMap(({ metadata, spec }) =>
        (spec?.clusterIPs ?? []).map(
          (address) => [address, `service ${metadata?.namespace}/${metadata?.name}`] as const,
        ),
      ),
    );
  }
}
