/**
 * How far this machine lets containers be kept apart; decided once, before the node process starts.
 * - `namespaces`: the node process runs in its own user, network, mount and PID namespaces (no
 *   privilege needed where user namespaces are allowed); Pods have real addresses and PID 1.
 * - `loopback`: plain processes; each Pod has an address of its own in 127.77.0.0/16.
 */
export type Level = 'namespaces' | 'loopback';

export interface PodNetworkOptions {
  readonly level: Level;
  /** A /24, e.g. `10.244.1.0/24`. Level `loopback` takes a free block of 127.77.0.0/16 instead. */
  readonly podCidr: string;
  /** Where the API server takes ClusterIPs from, e.g. `10.96.0.0/12`. */
  readonly serviceCidr: string;
}

/** Gives each Pod its address. One per node process; disposing takes down what it made. */
export interface PodNetwork extends AsyncDisposable {
  readonly level: Level;
  /** Where the Pod addresses come from. */
  readonly podCidr: string;
  /**
   * The node's InternalIP: where probes come from, which must bind to it. Never the source of
   * Service traffic.
   */
  readonly nodeAddress: string;
  /** Source of the connections that the Service load balancer opens to Pods. */
  readonly balancerAddress: string;
  /** What the balancer has to bind its connections to; absent where the route to the Pods does it. */
  readonly balancerBind?: string;
  /**
   * Where a ClusterIP answers: itself, or at level `loopback` the same number in 127.96.0.0/12,
   * because only loopback addresses can be listened on there. The API shows the ClusterIP always.
   */
  serviceAddress(clusterIP: string): string;
  /**
   * Connects a Pod sandbox: at level `namespaces`, `pid` is a process inside the sandbox's network
   * namespace, and the namespace gets lo, eth0, an address and a default route; at level `loopback`
   * only an address is chosen. The address is the Pod's until `detach`.
   */
  attach(sandbox: { readonly uid: string; readonly pid: number }): Promise<{ readonly ip: string }>;
  detach(uid: string): Promise<void>;
}
