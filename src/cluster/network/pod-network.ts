import type { Level } from './level.ts';

export interface PodNetworkOptions {
  readonly level: Level;
  /**
   * One /24 a node, e.g. `10.244.1.0/24`. Levels without namespaces have addresses of their own
   * instead.
   */
  readonly podCidrs: readonly string[];
  /** Where the API server takes ClusterIPs from, e.g. `10.96.0.0/12`. */
  readonly serviceCidr: string;
  /** Whether a process of the node listens at ClusterIPs, or the kernel translates them. */
  readonly clusterIPs: 'listened' | 'translated';
}

/** The network of one cluster; disposing takes down what it made. */
export interface PodNetwork extends AsyncDisposable {
  readonly level: Level;
  /** One for each of `podCidrs`. */
  readonly nodes: readonly NodeNetwork[];
  /** Where Pods reach the API server. */
  readonly apiAddress: string;
  /** Where the cluster's DNS server listens; absent where its Service would answer nowhere. */
  readonly dns?: { readonly host: string; readonly port: number };
  /** Source of the connections that the Service load balancer opens to Pods. */
  readonly balancerAddress: string;
  /** What the balancer has to bind its connections to; absent where the route to the Pods does it. */
  readonly balancerBind?: string;
  /**
   * Where a ClusterIP answers: itself, or at level `loopback` the same number in 127.96.0.0/12,
   * because only loopback addresses can be listened on there; nowhere at level `plain`. The API
   * shows the ClusterIP always.
   */
  serviceAddress(clusterIP: string): string | undefined;
}

/** What one node's kubelet sees of the network: it gives each of its Pods an address. */
export interface NodeNetwork {
  /** Where the addresses of its Pods come from. */
  readonly podCidr: string;
  /**
   * The node's InternalIP: where probes come from, which must bind to it. Never the source of
   * Service traffic.
   */
  readonly nodeAddress: string;
  /**
   * Connects a Pod sandbox: where there are namespaces, `pid` is a process inside the sandbox's
   * network namespace, and the namespace gets lo, eth0, an address and a default route; without
   * them only an address is chosen. The address is the Pod's until `detach`. Not for Pods of the
   * node's own network (`hostNetwork`): those stay in the network namespace of this process and
   * have the node's address.
   */
  attach(sandbox: { readonly uid: string; readonly pid: number }): Promise<{ readonly ip: string }>;
  detach(uid: string): Promise<void>;
}
