export { type KillTarget } from './control/controls.ts';
export { type Faults, type InjectedFault } from './control/faults.ts';
export { type Images } from './control/images.ts';
export { parseFault, parseImage } from './control/parse-later.ts';
export { reachCluster } from './control/reach.ts';
export type { ReachedCluster } from './control/reached.ts';
export type { ContainerMatch, ExecFault, Fault, FaultRecord, ProbeFault } from './faults/fault.ts';
export type { RequestEffect, RequestFault, RequestMatch } from './faults/fault.ts';
export { Cluster } from './launch/cluster.ts';
export type { ClusterOptions } from './launch/cluster-options.ts';
export { ClusterError, type ClusterErrorCode } from './launch/cluster-error.ts';
export { type DetachedOptions, startDetached } from './launch/detached.ts';
export { contextName } from './launch/kubeconfig.ts';
export {
  type ClusterPhase,
  type ClusterStatus,
  clusterStatus,
  listClusters,
  readCluster,
  stopCluster,
} from './launch/registry.ts';
export type { ClusterRecord } from './launch/record.ts';
export type { ProxyFollows } from './balancer/index.ts';
export type { Image, ImageCatalogue } from './kubelet/images.ts';
export type { ProxyMode } from './node/messages.ts';
export type { Level } from './network/index.ts';
