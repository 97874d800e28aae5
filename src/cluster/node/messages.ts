import type { ProxyFollows } from '../balancer/index.ts';
import type { ImageCatalogue } from '../kubelet/index.ts';
import type { Level } from '../network/index.ts';
import type { Certificates } from '../apiserver/certificates.ts';

/** What carries the Services' traffic: rules in the kernel, or the node process. */
export type ProxyMode = 'nftables' | 'userspace';

/** What the node process is told at its start, together with the API server's listening socket. */
export interface NodeConfig {
  readonly name: string;
  /** One start of one cluster; every process it makes carries it as `PITSTOP_CLUSTER`. */
  readonly uid: string;
  readonly level: Level;
  /** How many, by default two; they are called `NAME-1`, `NAME-2`, … */
  readonly nodes?: number;
  readonly proxyFollows: ProxyFollows;
  /** What carries the Services' traffic; by default nftables where nft and namespaces are there. */
  readonly proxyMode?: ProxyMode | 'auto';
  /** A directory of the node's own, removed by the outside when the cluster has stopped. */
  readonly dataDirectory: string;
  /** The version to answer as; by default 1.36.2. */
  readonly kubernetesVersion?: string;
  /** Where the state is kept for the next start of the cluster; without it, nowhere. */
  readonly journalDirectory?: string;
  readonly images: ImageCatalogue;
  /** `https://127.0.0.1:PORT` */
  readonly apiServer: string;
  readonly certificates: Certificates;
  readonly token: string;
}

/** Outside → node. `start` and `node-port` carry a listening socket, or a bound one. */
export type ToNode =
  | { readonly type: 'start'; readonly config: NodeConfig }
  | { readonly type: 'node-port'; readonly port: number; readonly protocol: 'TCP' | 'UDP' }
  | {
      readonly type: 'node-port-refused';
      readonly port: number;
      readonly protocol: 'TCP' | 'UDP';
      readonly message: string;
    }
  | { readonly type: 'stop' };

/** Node → outside. */
export type FromNode =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'open-node-port'; readonly port: number; readonly protocol: 'TCP' | 'UDP' };
