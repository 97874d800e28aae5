import type { CertificateUser, ClientCertificate } from '../apiserver/certificates.ts';
import type { FaultTable } from '../faults/fault-table.ts';
import type { Image, ImageCatalogue } from '../kubelet/images.ts';

export interface KillTarget {
  readonly namespace: string;
  readonly pod: string;
  /** By default the Pod's first. */
  readonly container?: string;
}

/**
 * What can be done to an embedded cluster and to no other: none of it is Kubernetes' API, and
 * nothing that has to work on a real cluster may use it.
 */
export interface Controls {
  readonly faults: FaultTable;
  /** Forgets the history of all watches, as etcd's compaction does: older watches and lists get 410. */
  compact(): void;
  images(): ImageCatalogue;
  /** Replaces an image of that name; Pods that run already keep what they run. */
  setImage(name: string, image: Image): void;
  /** False when there is none of that name; built-in images stay. */
  removeImage(name: string): boolean;
  /** A client certificate by which the API server knows a further user. */
  issueClientCertificate(user: CertificateUser): Promise<ClientCertificate>;
  /** Ends a container's first process with SIGKILL; throws `ApiError` when it does not run. */
  kill(target: KillTarget): void;
  /** Loses a node's machine or switches it on again; throws `ApiError` 404. */
  runNode(name: string, isRunning: boolean): Promise<void>;
}
