import type { ProxyFollows } from '../balancer/index.ts';
import type { ImageCatalogue } from '../kubelet/index.ts';
import type { Level } from '../network/index.ts';
import type { ProxyMode } from '../node/messages.ts';

export interface ClusterOptions {
  /** By default `pitstop`. One cluster of a name runs at a time. */
  readonly name?: string;
  /** Where its kubeconfig, record and Pods' files are; by default under `$XDG_STATE_HOME`. */
  readonly directory?: string;
  /** What the Service data plane believes; `endpoints` is Kubernetes ≤ 1.18. */
  readonly proxyFollows?: ProxyFollows;
  /** By default `auto`: `namespaces` where the machine allows them. */
  readonly level?: Level | 'auto';
  /** Port on 127.0.0.1; by default any free one. */
  readonly apiPort?: number;
  /** Images besides the built-in ones: `my-api:1` → what it runs on this machine. */
  readonly images?: ImageCatalogue;
  /** By default two, called `NAME-1` and `NAME-2`, as large as the machine each. */
  readonly nodes?: number;
  /** What carries the Services' traffic; by default nftables where nft and namespaces are there. */
  readonly proxyMode?: ProxyMode | 'auto';
  /** The version to answer as in the few places where it shows; by default `1.36.2`. */
  readonly kubernetesVersion?: string;
  /**
   * Keeps the objects, the kubeconfig and the port from one start to the next, kill -9 included;
   * without it a cluster is gone when it has stopped.
   */
  readonly dataDirectory?: string;
  /** Stops the cluster, while it starts and later. */
  readonly signal?: AbortSignal;
  /** Gets the node's log, one JSON document a line. */
  readonly log?: (line: string) => void;
}
